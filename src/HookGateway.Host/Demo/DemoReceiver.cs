using System.Net;
using HookGateway.Host.Receiving;

namespace HookGateway.Host.Demo;

/// <summary>The demo's downstream: it turns the first two attempts away and takes what comes then.</summary>
internal sealed class DemoReceiver : IAsyncDisposable
{
    private const int FailsAtFirst = 2;

    private readonly DemoLedger _ledger;
    private readonly DemoScreen _screen;
    private readonly WebApplication _server;
    private int _attempts;

    public DemoReceiver(DemoLedger ledger, DemoScreen screen)
    {
        _ledger = ledger;
        _screen = screen;
        _server = PlainServer.Build(new IPEndPoint(IPAddress.Loopback, 0), AnswerAsync);
    }

    /// <summary>Starts it on a free loopback port.</summary>
    /// <returns>Where it listens.</returns>
    public async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken);
        return new Uri(_server.Urls.Single());
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var id = Header(context, "webhook-id");
        var status = Interlocked.Increment(ref _attempts) <= FailsAtFirst ? 503 : 200;
        context.Response.StatusCode = status;
        _ledger.Arrived(id, body.ToArray(), status);
        var text = $"{Header(context, "X-HookGateway-Event")} attempt {Header(context, "X-HookGateway-Attempt")}"
            + (Header(context, "X-HookGateway-Origin") == "coalesce" ? ", of several webhooks" : "");
        _screen.Show(status == 200 ? "delivered" : "attempt", id, status, text);
    }

    private static string? Header(HttpContext context, string name) =>
        context.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
