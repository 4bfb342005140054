using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HookGateway.Testing.Downstream;
using HookGateway.Testing.Senders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HookGateway.Testing.SysAid;

/// <summary>
/// SysAid's Connect API for one account, on a loopback port: application keys, access tokens that expire, the account's header,
/// pages, the limit of requests, errors, subscriptions that can be simulated, service records. What SysAid publishes of it is as it
/// publishes it; the rest is an assumption, and can mostly be switched. It has nothing of the product.
/// </summary>
public sealed class FakeConnectApi : IAsyncDisposable
{
    /// <summary>The only account.</summary>
    public const string Account = "acme";

    /// <summary>Of an application key that it knows from the start.</summary>
    public const string ClientId = "client-0";

    /// <summary>Its other half.</summary>
    public const string ClientSecret = "secret-0";

    /// <summary>What it signs simulated events with, and gives to whoever subscribes where <see cref="TellsSecret"/>.</summary>
    public const string WebhookSecret = "the webhook's secret";

    private const string Base = "/connect/v1";
    private const int DefaultPage = 20;
    private const int LargestPage = 500;

    private readonly ConcurrentQueue<ConnectRequest> _requests = new();
    private readonly ConcurrentQueue<(Answer Answer, bool Afterwards)> _faults = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly FakeApplicationKeys _keys;
    private readonly FakeWebhooks _webhooks = new();
    private readonly RequestWindow _window;
    private readonly TimeProvider _time;
    private readonly WebApplication _server;

    private FakeConnectApi(TimeProvider time)
    {
        (_time, _keys, _window) = (time, new FakeApplicationKeys(time), new RequestWindow(time));
        _keys.Add(ClientId, ClientSecret);
        var port = FreePorts.Take(1)[0];
        Url = new Uri($"http://127.0.0.1:{port}{Base}");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _server = builder.Build();
        _server.Run(HandleAsync);
    }

    /// <summary>The base of its routes.</summary>
    public Uri Url { get; }

    /// <summary>Every request so far.</summary>
    public IReadOnlyList<ConnectRequest> Requests => [.. _requests];

    /// <summary>The service records.</summary>
    public FakeServiceRecords Records { get; } = new();

    /// <summary>The subscriptions.</summary>
    public IReadOnlyList<JsonObject> Subscriptions => _webhooks.All;

    /// <summary>Whether lists stand under <c>data</c>. Default bare.</summary>
    public bool WrapsLists { get; set; }

    /// <summary>Whether whoever subscribes is told the secret, under <c>signingSecret</c>. Default no.</summary>
    public bool TellsSecret { get; set; }

    /// <summary>No answer before this completes.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>How long access tokens live. Default a day.</summary>
    public TimeSpan TokenLife
    {
        get => _keys.Life;
        set => _keys.Life = value;
    }

    /// <summary>Requests in 5 minutes. Default 1,000.</summary>
    public int RateLimit
    {
        get => _window.Limit;
        set => _window.Limit = value;
    }

    /// <summary>How the window's end is told. Default in seconds since 1970.</summary>
    public RateReset RateReset
    {
        get => _window.Reset;
        set => _window.Reset = value;
    }

    /// <summary>How many requests went beyond the limit.</summary>
    public int RefusedByLimit => _window.Refused;

    /// <summary>Starts one.</summary>
    /// <param name="time">Ends windows and tokens. Default the machine's.</param>
    public static async Task<FakeConnectApi> StartAsync(TimeProvider? time = null)
    {
        var api = new FakeConnectApi(time ?? TimeProvider.System);
        await api._server.StartAsync();
        return api;
    }

    /// <summary>The next requests, but for those for tokens, are answered so, one after the other, and not done.</summary>
    public void Fail(params Answer[] answers)
    {
        foreach (var answer in answers)
            _faults.Enqueue((answer, Afterwards: false));
    }

    /// <summary>The next request is done, and then answered so: its answer is lost, say.</summary>
    public void FailAfterwards(Answer answer) => _faults.Enqueue((answer, Afterwards: true));

    /// <summary>Takes all access tokens back.</summary>
    public void RevokeTokens() => _keys.Revoke();

    /// <summary>Somebody else makes so many requests with the same account.</summary>
    public void UseRateLimit(int requests) => _window.Take(requests);

    /// <summary>Goes away: connections to its port are refused.</summary>
    public Task GoAsync() => _server.StopAsync();

    private async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.Date = _time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _disposed.Token);
        try
        {
            var request = await RecordAsync(context.Request, ended.Token);
            await Gate.WaitAsync(ended.Token);
            var isToken = request.Path == "/access-tokens";
            if (isToken || !_faults.TryDequeue(out var fault))
            {
                await WriteAsync(context.Response, await AnswerAsync(context, request), ended.Token);
                return;
            }

            if (fault.Afterwards)
                await AnswerAsync(context, request);
            await fault.Answer.GiveAsync(context, ended.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async Task<ConnectRequest> RecordAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(request.Body);
        var path = request.Path.Value!;
        var recorded = new ConnectRequest(
            request.Method,
            (path.StartsWith(Base, StringComparison.Ordinal) ? path[Base.Length..] : path) + request.QueryString,
            request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync(cancellationToken));
        _requests.Enqueue(recorded);
        return recorded;
    }

    private async Task<(int Status, JsonNode? Body)> AnswerAsync(HttpContext context, ConnectRequest request)
    {
        if (request.Header("x-sysaid-accountid") != Account)
            return Error(401, "Unknown account");
        if (!_window.TryTake(context.Response))
            return Error(429, "Too many requests");

        var path = request.Path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (request.Method, path)
        {
            case ("POST", ["application-keys"]):
                return Parse(request.Body)?["userName"] is null ? Error(400, "userName is missing") : (200, _keys.Add());
            case ("POST", ["access-tokens"]):
                return _keys.Issue(Parse(request.Body)) is { } token ? (200, token) : Error(401, "Invalid application key");
        }

        if (request.Header("Authorization") is not { } authorization
            || !authorization.StartsWith("Bearer ", StringComparison.Ordinal) || !_keys.Accepts(authorization["Bearer ".Length..]))
        {
            return Error(401, "Invalid access token");
        }

        return (request.Method, path) switch
        {
            ("POST", ["webhooks"]) => Subscribe(Parse(request.Body)),
            ("GET", ["webhooks"]) => Page(context.Request.Query, _webhooks.All),
            ("GET", ["webhooks", var id]) => _webhooks.Find(id) is { } found ? (200, found) : NoWebhook(id),
            ("DELETE", ["webhooks", var id]) => _webhooks.Remove(id) ? (204, null) : NoWebhook(id),
            ("POST", ["webhooks", var id, "simulate"]) => await SimulateAsync(id),
            ("GET", ["service-records", "search"]) => Page(context.Request.Query, Records.Search(FieldsOf(context.Request.Query))),
            _ => Error(404, $"Cannot {request.Method} {request.Path}"),
        };
    }

    private (int Status, JsonNode? Body) Subscribe(JsonNode? posted)
    {
        if (_webhooks.Add(posted) is not { } subscription)
            return Error(400, "url and eventNames are needed");
        if (TellsSecret)
            subscription["signingSecret"] = WebhookSecret;
        return (201, subscription);
    }

    private async Task<(int Status, JsonNode? Body)> SimulateAsync(string id)
    {
        if (_webhooks.Find(id) is not { } subscription)
            return NoWebhook(id);

        using var sender = new SysAidSender(new Uri(subscription["url"]!.ToString()), WebhookSecret);
        var answer = await sender.SendAsync(SysAidEvent.Created(148));
        return (200, new JsonObject { ["status"] = answer.Status });
    }

    private (int Status, JsonNode? Body) Page(IQueryCollection query, IReadOnlyList<JsonObject> all)
    {
        var (limit, offset) = (NumberIn(query, "limit", DefaultPage), NumberIn(query, "offset", 0));
        if (limit is < 1 or > LargestPage || offset < 0)
            return Error(400, $"limit must be from 1 to {LargestPage}, and offset no less than 0");

        var page = new JsonArray([.. all.Skip(offset).Take(limit)]);
        return (200, WrapsLists ? new JsonObject { ["data"] = page } : page);
    }

    private static int NumberIn(IQueryCollection query, string name, int otherwise) =>
        query.TryGetValue(name, out var text) ? int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : -1 : otherwise;

    private static string[] FieldsOf(IQueryCollection query) =>
        query.TryGetValue("fields", out var fields) ? fields.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries) : [];

    private static (int, JsonNode?) NoWebhook(string id) => Error(404, $"No webhook {id}");

    private static (int, JsonNode?) Error(int status, string message) =>
        (status, new JsonObject { ["statusCode"] = status, ["message"] = message });

    private static JsonNode? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task WriteAsync(HttpResponse response, (int Status, JsonNode? Body) answer, CancellationToken cancellationToken)
    {
        response.StatusCode = answer.Status;
        if (answer.Body is null)
            return;
        response.ContentType = "application/json";
        await response.WriteAsync(answer.Body.ToJsonString(), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _server.StopAsync();
        await _server.DisposeAsync();
        _disposed.Dispose();
    }
}
