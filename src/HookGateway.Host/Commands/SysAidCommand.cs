using System.CommandLine;
using System.Text.Json;
using HookGateway.SysAid;

namespace HookGateway.Host.Commands;

/// <summary><c>sysaid</c>: the subscription's other end, over SysAid's Connect API.</summary>
internal sealed class SysAidCommand : Command
{
    private const int MostPages = 20;
    private const string PasswordVariable = "SYSAID_PASSWORD";

    private static readonly string[] AllEvents = ["sr.created", "sr.updated"];

    private readonly SysAidOptions _options = new();
    private readonly Option<Uri?> _url = new("--url")
    {
        Description = "Where SysAid shall post to, whole. Default: listen.publicUrl and the source's path.",
        HelpName = "URL",
        CustomParser = UrlOption.Parse,
    };
    private readonly Option<string[]> _event = new("--event")
    {
        Description = "An event to subscribe to; may be repeated. Default: sr.created and sr.updated.",
        HelpName = "NAME",
        DefaultValueFactory = _ => AllEvents,
    };
    private readonly Option<string> _description = new("--description")
    {
        Description = "What SysAid shows for the subscription.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "HookGateway",
    };
    private readonly Option<string?> _body = new("--body")
    {
        Description = "A file of JSON to post along. Default: nothing, for SysAid does not publish what it takes.",
        HelpName = "FILE",
    };
    private readonly Option<string> _user = new("--user")
    {
        Description = "The SysAid user whose rights the key has.",
        HelpName = "NAME",
        Required = true,
    };
    private readonly Option<string?> _password = new("--password-file")
    {
        Description = $"A file that holds the user's password. Default: {PasswordVariable}.",
        HelpName = "FILE",
    };
    private readonly Option<string> _name = new("--name")
    {
        Description = "What SysAid shows for the key.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "HookGateway",
    };
    private readonly Option<int?> _tokenLifetime = NumberOption.Option(
        "--token-lifetime", "How long the key's access tokens live, in SysAid's unit. Default: it is not said.", 1, int.MaxValue);
    private readonly Argument<string> _id = new("ID") { Description = "The subscription's id, as SysAid gives it." };

    public SysAidCommand() : base("sysaid", "Manages the webhook subscription in SysAid, over its Connect API (a source's api).")
    {
        Add(Key());
        Add(Subscribe());
        Add(List());
        Add(Unsubscribe());
        Add(Simulate());
    }

    private Command Key()
    {
        var key = new Command("key", "Has SysAid make an application key for a user: what api.clientId and api.clientSecret take.")
        {
            _user, _password, _name, _tokenLifetime,
        };
        _options.Serve(
            key,
            "applicationKeys",
            (line, target) => target.Requests.ApplicationKey(
                (line.GetRequiredValue(_user), target.IsDryRun ? SecretFields.Mask : PasswordOf(line)), line.GetRequiredValue(_name), "", line.GetValue(_tokenLifetime)),
            async (exchange, cancellationToken) => exchange.Screen.Show(
                await exchange.Api.SendAsync(exchange.Request, cancellationToken),
                $"If it is the key's other half, keep it where sources.{exchange.Source}.api.clientSecret"));
        return key;
    }

    private Command Subscribe()
    {
        var subscribe = new Command("subscribe", "Subscribes the source's URL to SysAid's events, and prints what SysAid answers.")
        {
            _url, _event, _description,
        };
        _options.Serve(
            subscribe,
            "webhooks",
            (line, target) => target.Requests.Subscribe(
                UrlOf(line, target), line.GetRequiredValue(_description), line.GetRequiredValue(_event).Distinct()),
            async (exchange, cancellationToken) =>
                exchange.Screen.Show(await exchange.Api.SendAsync(exchange.Request, cancellationToken),
                    $"If it is what SysAid signs with, keep it where sources.{exchange.Source}.secrets"));
        return subscribe;
    }

    private Command List()
    {
        var list = new Command("list", "Lists the account's subscriptions, one a line, as SysAid gives them.");
        _options.Serve(list, "webhooks", (_, target) => target.Requests.List(ApiRequests.LargestPage, 0), ListAsync);
        return list;
    }

    private Command Unsubscribe()
    {
        var unsubscribe = new Command("unsubscribe", "Ends a subscription: SysAid posts no more to its URL.") { _id };
        _options.Serve(unsubscribe, "webhook", (line, target) => target.Requests.Unsubscribe(line.GetRequiredValue(_id)), ShowAsync);
        return unsubscribe;
    }

    private Command Simulate()
    {
        var simulate = new Command("simulate", "Has SysAid post a sample event to a subscription's URL.") { _id, _body };
        _options.Serve(
            simulate, "simulate", (line, target) => target.Requests.Simulate(line.GetRequiredValue(_id), BodyOf(line)), SimulateAsync);
        return simulate;
    }

    private static async Task ShowAsync(SysAidExchange exchange, CancellationToken cancellationToken) =>
        exchange.Screen.Show(await exchange.Api.SendAsync(exchange.Request, cancellationToken), advice: null);

    private static async Task SimulateAsync(SysAidExchange exchange, CancellationToken cancellationToken)
    {
        try
        {
            await ShowAsync(exchange, cancellationToken);
        }
        catch (SysAidException refused) when (refused.Answer is { Status: 400 or 411 or 415 or 422 } && exchange.Request.Body is null)
        {
            await exchange.Error.WriteLineAsync("Nothing was posted along: if SysAid wants a body, say --body FILE.");
            throw;
        }
    }

    private static async Task ListAsync(SysAidExchange exchange, CancellationToken cancellationToken)
    {
        for (var page = 0; page < MostPages; page++)
        {
            var request = page == 0
                ? exchange.Request
                : exchange.Api.Requests.List(ApiRequests.LargestPage, page * ApiRequests.LargestPage);
            var answer = await exchange.Api.SendAsync(request, cancellationToken);
            if (answer.Items is not { } subscriptions)
            {
                exchange.Screen.Show(answer, advice: null);
                return;
            }

            foreach (var subscription in subscriptions)
                exchange.Screen.ShowItem(subscription);

            // More than were asked for: then neither limit nor offset means anything to it.
            if (subscriptions.Count != ApiRequests.LargestPage)
                return;
        }

        await exchange.Error.WriteLineAsync($"There are more: these are the first {MostPages * ApiRequests.LargestPage}.");
    }

    private Uri UrlOf(ParseResult line, SysAidTarget target)
    {
        if (line.GetValue(_url) is { } url)
            return url;

        var publicUrl = target.Listen.PublicUrl ?? throw new ArgumentException(
            "Where does SysAid reach this gateway? Set listen.publicUrl, or say --url.");
        return new Uri(publicUrl.AbsoluteUri.TrimEnd('/') + target.Source.Path);
    }

    private string PasswordOf(ParseResult line)
    {
        var password = line.GetValue(_password) is { } path ? SecretOption.ReadFile(path) : Environment.GetEnvironmentVariable(PasswordVariable);
        return password is { Length: > 0 } ? password : throw new ArgumentException(
            $"There is no password: set {PasswordVariable}, or say --password-file.");
    }

    private byte[]? BodyOf(ParseResult line)
    {
        if (line.GetValue(_body) is not { } path)
            return null;

        var body = File.ReadAllBytes(path);
        try
        {
            using var document = JsonDocument.Parse(body);
            return body;
        }
        catch (JsonException)
        {
            throw new ArgumentException($"{path} is no JSON.");
        }
    }
}
