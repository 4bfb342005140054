# The gateway and its other verbs in one image: `docker run IMAGE validate`, `docker run IMAGE receive --address 0.0.0.0`.
# Its working directory is /, so the defaults are /config/hookgateway.yaml and /data/hookgateway.db.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

COPY global.json Directory.Build.props Directory.Packages.props .editorconfig BannedSymbols.txt ./
COPY src/ src/

# The packages stay in a cache of the builder, and out of the image. The program is compiled ahead for the builder's kind of machine.
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet restore src/HookGateway.Host --use-current-runtime --locked-mode \
    && dotnet publish src/HookGateway.Host -c Release --use-current-runtime --no-restore -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
LABEL org.opencontainers.image.title="HookGateway" \
      org.opencontainers.image.description="A webhook gateway: verifies, stores before it answers, delivers to every destination." \
      org.opencontainers.image.base.name="mcr.microsoft.com/dotnet/aspnet:10.0"

# The root file system may be read-only: only /data, and /tmp where something asks for it, are written to. The base image's
# own listening port must not get in the way of the configured ones.
ENV ASPNETCORE_HTTP_PORTS="" \
    DOTNET_EnableDiagnostics=0 \
    TMPDIR=/tmp \
    PATH="/app:$PATH"
RUN install -d -o "$APP_UID" -g "$APP_UID" /data
COPY --from=build /app /app
WORKDIR /
USER $APP_UID
VOLUME /data
EXPOSE 8443 8080 9080

# Where the configuration gives the admin listener another port, override this.
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 \
    CMD ["hookgateway", "health", "--admin", "http://127.0.0.1:9080"]
ENTRYPOINT ["hookgateway"]
CMD ["run"]
