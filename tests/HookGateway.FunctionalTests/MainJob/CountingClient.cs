using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using HookGateway.Testing.Gateway;
using Xunit;

namespace HookGateway.FunctionalTests.MainJob;

/// <summary>Posts events over HTTPS, and counts the connections that it takes.</summary>
internal sealed class CountingClient : IDisposable
{
    private readonly HttpClient _client;
    private readonly Version _version;
    private int _posted;
    private int _ended;

    [SuppressMessage("Security", "CA5359", Justification = "Gateways under test sign their own certificate.")]
    public CountingClient(Version version)
    {
        _version = version;
        var handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        _client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }

    public int Connections { get; private set; }

    /// <summary>How many of them are given up.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Posts an event, which has to be accepted.</summary>
    public async Task PostAsync(GatewayProcess gateway)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.HttpsUrl, "/hooks/crm"))
        {
            Content = new StringContent($$"""{"type":"x","n":{{_posted++}}}"""),
            Version = _version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.ContentType = new("application/json");
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    public void Dispose() => _client.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Connections++;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new CountedStream(socket, () => Interlocked.Increment(ref _ended));
    }

    private sealed class CountedStream(Socket socket, Action ended) : NetworkStream(socket, ownsSocket: true)
    {
        private Action? _ended = ended;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            Interlocked.Exchange(ref _ended, null)?.Invoke();
        }
    }
}
