using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json;
using HookGateway.Configuration;
using HookGateway.Host.Sending;
using Spectre.Console;

namespace HookGateway.Host.Commands;

/// <summary><c>send</c>: posts a signed event as a source would.</summary>
internal sealed class SendCommand : Command
{
    private const int MostAtOnce = 16;

    private readonly Argument<string> _source = new("SOURCE") { Description = "The name of a source in the configuration." };
    private readonly Option<string?> _event = new("--event")
    {
        Description = "The event's name. Default: the body's; sr.created in the sample.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _body = new("--body")
    {
        Description = "The body to send, untouched unless a name or id has to be set; - for standard input. Default: SysAid's sample.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _id = new("--id")
    {
        Description = "The sender's id of the event, the same for all. Default: the body's for one event, else a new one for each.",
        HelpName = "ID",
    };
    private readonly Option<int?> _count = NumberOption.Option("--count", "How many events.", 1, 10_000_000, 1);
    private readonly Option<double?> _rate = NumberOption.Option(
        "--rate", "How many events a second. Default: as fast as they are answered, 16 at a time.", 0.001, 100_000);
    private readonly Option<Uri?> _url = new("--url")
    {
        Description = "Where to post to; without a path, the source's is added. Default: publicUrl, else this machine's listener.",
        HelpName = "URL",
        CustomParser = UrlOption.Parse,
    };
    private readonly Option<bool> _insecure = new("--insecure")
    {
        Description = "Accept any certificate. The gateway's self-signed one on loopback is accepted without.",
    };
    private readonly Option<string> _config = ConfigurationFile.Option();
    private readonly Option<bool> _json = JsonOption.Option();
    private readonly SecretOption _secret = new("to sign with. Default: the source's first secret.");

    public SendCommand() : base(
        "send", "Signs a body as SOURCE would, posts it and prints the answer. Exits 1 if any answer was not 2xx.")
    {
        Add(_source);
        foreach (var option in new Option[]
                 { _event, _body, _id, _count, _rate, _url, _config, _insecure, _secret.File, _secret.Text, _json })
            Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var error = line.InvocationConfiguration.Error;
        if (ConfigurationFile.Load(line.GetRequiredValue(_config), error) is not { } configuration)
            return ExitCode.Usage;
        try
        {
            var source = FindSource(line, configuration, error);
            var template = source is null ? null : ReadTemplate(line, source);
            if (source is null || (Fault(line, template!) is { } fault && Tell(error, fault)))
                return ExitCode.Usage;
            var url = Target(line, configuration.Listen, source.Path);
            var anyCertificate = line.GetValue(_insecure) || (url.IsLoopback && configuration.Listen.Https?.CertificatePath is null);
            using var sender = new EventSender(source, url, anyCertificate);
            return await SendAllAsync(line, template!, sender, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(error, e.Message);
            return ExitCode.Usage;
        }
    }

    private static bool Tell(TextWriter error, string message)
    {
        error.WriteLine(message);
        return true;
    }

    private SourceConfiguration? FindSource(ParseResult line, GatewayConfiguration configuration, TextWriter error)
    {
        var name = line.GetRequiredValue(_source);
        var source = configuration.Sources.FirstOrDefault(source => source.Name == name);
        if (source is null)
        {
            var names = string.Join(", ", configuration.Sources.Select(known => known.Name));
            Tell(error, $"There is no source '{name}' in the configuration; there is: {names}.");
            return null;
        }

        var secret = _secret.Read(line, error);
        return secret is null ? source : source with { Secrets = [secret] };
    }

    private EventTemplate ReadTemplate(ParseResult line, SourceConfiguration source)
    {
        if (line.GetValue(_body) is not { } path)
            return EventTemplate.Sample(source);
        if (path != "-")
            return EventTemplate.Of(source, File.ReadAllBytes(path));
        using var buffer = new MemoryStream();
        using var input = Console.OpenStandardInput();
        input.CopyTo(buffer);
        return EventTemplate.Of(source, buffer.ToArray());
    }

    private string? Fault(ParseResult line, EventTemplate template) =>
        line.GetValue(_event) is not null && template.EventFault() is { } eventFault ? eventFault
        : NeedsIds(line) ? template.IdFault()
        : null;

    private bool NeedsIds(ParseResult line) =>
        line.GetValue(_id) is not null || line.GetValue(_body) is null || line.GetValue(_count) > 1;

    private async Task<int> SendAllAsync(
        ParseResult line, EventTemplate template, EventSender sender, CancellationToken cancellationToken)
    {
        var terminal = new Terminal(line.InvocationConfiguration.Output);
        var answers = new ConcurrentQueue<SendAnswer>();
        var count = line.GetRequiredValue(_count)!.Value;
        var pace = new Pace(line.GetValue(_rate), TimeProvider.System);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(count, MostAtOnce), CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, count, parallel, async (_, token) =>
        {
            await pace.NextAsync(token);
            var id = line.GetValue(_id) ?? (NeedsIds(line) ? NewId() : null);
            var answer = await sender.SendAsync(template.Make(line.GetValue(_event), id), token);
            answers.Enqueue(answer);
            Print(answer);
        });

        if (count > 1)
            PrintSummary(SendSummary.Of(answers));
        return answers.All(answer => answer.IsSuccess()) ? ExitCode.Done : ExitCode.Failed;

        void Print(SendAnswer answer) => terminal.WriteLine(
            line.GetValue(_json) ? JsonSerializer.Serialize(answer, CommandJson.Default.SendAnswer) : answer.ToString(),
            answer.IsSuccess() ? Color.Green : Color.Red);

        void PrintSummary(SendSummary summary) => terminal.WriteLine(
            line.GetValue(_json) ? JsonSerializer.Serialize(summary, CommandJson.Default.SendSummary) : summary.ToString());
    }

    private static string NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();

    private Uri Target(ParseResult line, ListenConfiguration listen, string path)
    {
        if (line.GetValue(_url) is { } url)
            return url.AbsolutePath == "/" ? new Uri(url, path) : url;
        return new Uri(BaseUrl(listen).AbsoluteUri.TrimEnd('/') + path);
    }

    private static Uri BaseUrl(ListenConfiguration listen) =>
        listen.PublicUrl
        ?? (listen.Https is { } https
            ? new Uri($"https://{Reachable.From(https.Address)}")
            : new Uri($"http://{Reachable.From(listen.Http!)}"));
}
