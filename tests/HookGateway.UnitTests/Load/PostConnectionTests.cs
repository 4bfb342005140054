using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using HookGateway.Load.Loading;
using HookGateway.Testing;
using HookGateway.Testing.Downstream;
using Xunit;

namespace HookGateway.UnitTests.Load;

public sealed class PostConnectionTests : IDisposable
{
    private const int IdLength = 5;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource<PostConnection> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PostConnectionTests() => _listener.Start();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Post_OfTwoEvents_SendsEachSignedOnOneConnection()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.AnswerWith(_ => Answer.Status(202));
        var ended = 0;
        using var connection = new PostConnection(receiver.Url, IdLength, _ => Interlocked.Increment(ref ended));

        connection.Post(1, 17, "id-01");
        await Wait.UntilAsync(() => Volatile.Read(ref ended) == 1, "the first answer");
        connection.Post(2, 18, "id-02");
        await Wait.UntilAsync(() => Volatile.Read(ref ended) == 2, "the second answer");

        Assert.Equal((2, 202), (connection.Number, connection.Status));
        var arrivals = await receiver.WaitForAsync(2);
        Assert.Equal(["sr.created.0017 id-01", "sr.created.0018 id-02"], arrivals.Select(arrival => NameAndId(arrival.Body)));
        Assert.All(arrivals, arrival => Assert.Equal(SampleEvent.Sign(arrival.Body), arrival.Headers[SampleEvent.SignatureHeader]));
    }

    [Theory]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\n{  }", 202)]
    [InlineData("HTTP/1.1 202 Accepted\r\ncontent-length: 4\r\nDate: now\r\n\r\n{  }", 202)]
    [InlineData("HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n", 204)]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\n{  }", 0)]
    [InlineData("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 202)]
    [InlineData("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{  }\r\n0\r\n\r\n", 202)]
    [InlineData("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{  }\r\n0\r\n", 0)]
    [InlineData("HTTP/1.1 202 Acc", 0)]
    [InlineData("", 0)]
    public async Task Post_AnsweredByteByByteAndThenClosed_HasTheStatusOfAWholeAnswer(string answer, int status)
    {
        using var connection = Connection();

        connection.Post(7, 0, "id-01");
        using var server = await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        server.NoDelay = true;
        foreach (var one in Encoding.ASCII.GetBytes(answer))
            await server.SendAsync(new[] { one });

        server.Shutdown(SocketShutdown.Send);

        Assert.Same(connection, await Wait.ForAsync(_ended.Task, "the end of the post"));
        Assert.Equal((7, status), (connection.Number, connection.Status));
    }

    [Fact]
    public async Task Post_AnsweredWithoutEnd_HasNoStatus()
    {
        using var connection = Connection();

        connection.Post(7, 0, "id-01");
        using var server = await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await server.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 202 Accepted\r\nA: " + new string('x', 10_000)));

        await Wait.ForAsync(_ended.Task, "the end of the post");
        Assert.Equal(0, connection.Status);
    }

    [Fact]
    public async Task Post_WhereNothingListens_HasNoStatus()
    {
        using var connection = Connection();
        _listener.Stop();

        connection.Post(7, 0, "id-01");

        await Wait.ForAsync(_ended.Task, "the end of the post");
        Assert.Equal(0, connection.Status);
    }

    [Fact]
    public async Task Dispose_WhileItWaitsForItsConnection_EndsThePost()
    {
        // Nobody accepts: with two that are connected the queue is full, and no third gets in.
        _listener.Stop();
        _listener.Start(backlog: 1);
        using var first = new TcpClient();
        using var second = new TcpClient();
        await first.ConnectAsync((IPEndPoint)_listener.LocalEndpoint, TestContext.Current.CancellationToken);
        await second.ConnectAsync((IPEndPoint)_listener.LocalEndpoint, TestContext.Current.CancellationToken);
        var connection = Connection();

        connection.Post(7, 0, "id-01");
        connection.Dispose();

        await Wait.ForAsync(_ended.Task, "the end of the post");
        Assert.Equal(0, connection.Status);
    }

    private static string NameAndId(byte[] body)
    {
        var root = JsonDocument.Parse(body).RootElement;
        return $"{root.GetProperty("eventName").GetString()} {root.GetProperty("id").GetString()}";
    }

    private PostConnection Connection() =>
        new(new Uri($"http://{_listener.LocalEndpoint}/hooks/sysaid"), IdLength, ended => _ended.SetResult(ended));
}
