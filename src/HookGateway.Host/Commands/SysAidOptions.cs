using System.CommandLine;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using HookGateway.Host.Operating;
using HookGateway.SysAid;
using Microsoft.Extensions.Caching.Hybrid;

namespace HookGateway.Host.Commands;

/// <summary>Which source's API to ask, and how to show what it says: what all verbs of <c>sysaid</c> share.</summary>
internal sealed class SysAidOptions
{
    private readonly Option<string?> _source = new("--source")
    {
        Description = "The source, by its name in the configuration. Default: the only one with an api.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Print the request, without the access token, and send nothing.",
    };

    private readonly Option<string> _config = ConfigurationFile.Option();
    private readonly Option<bool> _json = JsonOption.Option();

    /// <summary>Adds the options to a verb, and runs it: shows its request on a dry run, else sends it.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="route">Where under <c>api.routes</c> its path can be changed.</param>
    /// <param name="prepare">Makes the request. What is wrong with the line it tells by <see cref="ArgumentException"/>.</param>
    /// <param name="send">Sends it and shows what comes.</param>
    public void Serve(
        Command verb, string route, Func<ParseResult, SysAidTarget, ApiRequest> prepare,
        Func<SysAidExchange, CancellationToken, Task> send)
    {
        foreach (var option in new Option[] { _source, _config, _dryRun, _json })
            verb.Add(option);

        verb.SetAction((line, cancellationToken) => RunAsync(line, route, prepare, send, cancellationToken));
    }

    private async Task<int> RunAsync(
        ParseResult line, string route, Func<ParseResult, SysAidTarget, ApiRequest> prepare,
        Func<SysAidExchange, CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        var error = line.InvocationConfiguration.Error;
        var screen = new SysAidScreen(new Terminal(line.InvocationConfiguration.Output), line.GetValue(_json));
        try
        {
            if (ConfigurationFile.Load(line.GetRequiredValue(_config), error) is not { } configuration)
                return ExitCode.Usage;

            var source = Find(configuration.Sources, line.GetValue(_source));
            var request = prepare(line, new SysAidTarget(source, configuration.Listen, new ApiRequests(source.Api!), line.GetValue(_dryRun)));
            if (line.GetValue(_dryRun))
            {
                screen.Show(request);
                return ExitCode.Done;
            }

            await SendAsync(configuration, source, request, send, screen, error, cancellationToken);
            return ExitCode.Done;
        }
        catch (SysAidException e)
        {
            await error.WriteLineAsync(Terminal.Printable(Explain(e, route)));
            return ExitCode.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            await error.WriteLineAsync(Terminal.Printable(e.Message));
            return ExitCode.Usage;
        }
    }

    private static async Task SendAsync(
        GatewayConfiguration configuration, SourceConfiguration source, ApiRequest request,
        Func<SysAidExchange, CancellationToken, Task> send, SysAidScreen screen, TextWriter error, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddHybridCache().Services.BuildServiceProvider();
        using var apis = new ConnectApis(
            new EgressGuard(configuration), services.GetRequiredService<HybridCache>(), TimeProvider.System);
        var api = apis.Open(source.Api!, text => error.WriteLine(Terminal.Printable(text)));
        await send(new SysAidExchange(api, request, source.Name, screen, error), cancellationToken);
    }

    private static SourceConfiguration Find(IReadOnlyList<SourceConfiguration> sources, string? name)
    {
        var withApi = sources.Where(source => source.Api is not null).ToList();
        var known = string.Join(", ", withApi.Select(source => source.Name));
        if (name is null)
        {
            return withApi.Count switch
            {
                1 => withApi[0],
                0 => throw new ArgumentException("No source of the configuration has an api: docs/sysaid.md says what to write there."),
                _ => throw new ArgumentException($"Several sources have an api: say --source with one of {known}."),
            };
        }

        var source = sources.FirstOrDefault(source => source.Name == name)
            ?? throw new ArgumentException(
                $"There is no source '{name}' in the configuration; there is: {string.Join(", ", sources.Select(source => source.Name))}.");
        return source.Api is not null
            ? source
            : throw new ArgumentException($"sources.{name} has no api: docs/sysaid.md says what to write there.");
    }

    /// <summary>
    /// What happened; with the body, where that is all that SysAid said; and what can be done about a path that is not there.
    /// </summary>
    private static string Explain(SysAidException fault, string route)
    {
        var lines = new List<string> { fault.Message };
        if (fault.Answer is { Message: null, Body.IsEmpty: false } answer)
        {
            var body = answer.Json is { } json ? SecretFields.Masked(json, isIndented: false, []) : answer.Text;
            lines.Add(body.Length > 1000 ? $"{body[..1000]}…" : body);
        }

        if (fault.Answer is { Status: 404 or 405 })
            lines.Add($"If SysAid has this operation at another path, set it under the source: api: {{ routes: {{ {route}: /… }} }}.");

        return string.Join('\n', lines);
    }
}

/// <summary>What a request is made for. On a dry run it needs no password, for none is shown.</summary>
internal sealed record SysAidTarget(SourceConfiguration Source, ListenConfiguration Listen, ApiRequests Requests, bool IsDryRun);

/// <summary>A request that is to be sent, and where what comes of it is shown.</summary>
internal sealed record SysAidExchange(ConnectApi Api, ApiRequest Request, string Source, SysAidScreen Screen, TextWriter Error);
