using HookGateway.Configuration;
using HookGateway.Pipeline;
using HookGateway.Storage.Redis;
using HookGateway.Storage.Sqlite;
using HookGateway.SysAid;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;

namespace HookGateway.Host;

/// <summary>Puts the gateway together.</summary>
internal static class GatewayApplication
{
    /// <summary>
    /// How long what is under way has to end once the gateway is told to stop: requests have <c>limits.requestTimeout</c>,
    /// attempts the rest. After <c>listen.drain</c>.
    /// </summary>
    internal static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(25);

    /// <summary>Builds a gateway that is not yet started.</summary>
    /// <param name="configuration">What it shall do.</param>
    public static WebApplication Build(GatewayConfiguration configuration)
    {
        var builder = Begin(configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = configuration.Listen.Drain + StopWithin);
        builder.Services.AddRoutingCore();
        AddStore(builder.Services, configuration);
        builder.Services.AddHookGateway(configuration);
        builder.Services.AddSysAid(configuration);

        var app = builder.Build();

        // YARP registers authorization, and an application that finds it puts it before every request.
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseHookGateway();
        return app;
    }

    /// <summary>Builds what answers in a gateway's place while its store is not there.</summary>
    /// <param name="configuration">The gateway's.</param>
    /// <param name="reason">Why the store is not there, as it is now.</param>
    public static WebApplication BuildWithoutStore(GatewayConfiguration configuration, Func<string> reason)
    {
        var builder = Begin(configuration);
        builder.Services.AddListeners(configuration);
        var app = builder.Build();
        app.UseWithoutStore(reason);
        return app;
    }

    private static WebApplicationBuilder Begin(GatewayConfiguration configuration)
    {
        // An empty builder: what a configuration file does not say, no environment variable or appsettings.json shall say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "hookgateway" });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.Configure<SocketTransportOptions>(OnThreadsOfSockets);
        AddLogging(builder.Logging, configuration.Log);
        return builder;
    }

    private static void AddStore(IServiceCollection services, GatewayConfiguration configuration)
    {
        if (configuration.Storage.Engine == "redis")
            services.AddRedisEventStore(configuration);
        else
            services.AddSqliteEventStore(configuration.Storage, configuration.Limits);
    }

    private static void OnThreadsOfSockets(SocketTransportOptions options)
    {
        // As SocketCompletions says; and one look at a socket less a request, for 4 KiB more an idle connection.
        options.UnsafePreferInlineScheduling = true;
        options.WaitForDataBeforeAllocatingBuffer = false;
    }

    private static void AddLogging(ILoggingBuilder logging, LogConfiguration log)
    {
        logging.SetMinimumLevel(log.Level);

        // Results go to standard output, everything else to standard error.
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (log.Format == LogFormat.Json)
        {
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            });
        }

        // One line per request and per forward would say less than the gateway's own, and a forwarded URL can be a secret.
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);

        // A failed start is told in one line by whoever started it, not with a stack trace as well.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
        logging.AddFilter("Yarp", LogLevel.Warning);
        logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.None);
        logging.AddFilter("System.Net.Http", LogLevel.Warning);
    }
}
