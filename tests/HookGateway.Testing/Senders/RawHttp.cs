using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace HookGateway.Testing.Senders;

/// <summary>Writes bytes to a server that need not be HTTP, and reads what comes back.</summary>
public static class RawHttp
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Connects, writes, and reads one answer.</summary>
    /// <param name="server">Scheme, host and port; <c>https</c> accepts any certificate.</param>
    /// <param name="bytes">Written as they are.</param>
    /// <param name="halfClose">Whether to end the sending side afterwards; without TLS only.</param>
    /// <exception cref="TimeoutException">Neither an answer nor the end of the connection within 15 s.</exception>
    public static async Task<RawAnswer> SendAsync(Uri server, byte[] bytes, bool halfClose = false)
    {
        using var client = new TcpClient { NoDelay = true };
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await client.ConnectAsync(server.Host, server.Port, limit.Token);
            await using var stream = await OpenAsync(client, server, limit.Token);
            return await ExchangeAsync(client, stream, bytes, halfClose, limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No answer within {Limit.TotalSeconds} s.");
        }
    }

    /// <inheritdoc cref="SendAsync(Uri, byte[], bool)"/>
    public static Task<RawAnswer> SendAsync(Uri server, string text, bool halfClose = false) =>
        SendAsync(server, Encoding.Latin1.GetBytes(text), halfClose);

    private static async Task<RawAnswer> ExchangeAsync(
        TcpClient client, Stream stream, byte[] bytes, bool halfClose, CancellationToken limit)
    {
        var received = new MemoryStream();
        try
        {
            await stream.WriteAsync(bytes, limit);
            await stream.FlushAsync(limit);
            if (halfClose)
                client.Client.Shutdown(SocketShutdown.Send);
            var buffer = new byte[16 * 1024];
            int read;
            while (!RawAnswer.IsWhole(received.ToArray()) && (read = await stream.ReadAsync(buffer, limit)) > 0)
                received.Write(buffer, 0, read);
        }
        catch (IOException)
        {
            // A connection that is reset is an outcome: what came before it is the answer.
        }

        return RawAnswer.Parse(received.ToArray());
    }

    [SuppressMessage("Security", "CA5359", Justification = "Gateways under test sign their own certificate.")]
    private static async Task<Stream> OpenAsync(TcpClient client, Uri server, CancellationToken limit)
    {
        if (server.Scheme != Uri.UriSchemeHttps)
            return client.GetStream();
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = server.Host,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
            limit);
        return tls;
    }
}

/// <summary>What a raw request was answered.</summary>
/// <param name="Status">The HTTP status; 0 where the connection ended without an answer.</param>
/// <param name="Headers">By name, whatever the case.</param>
/// <param name="Body">As it came, chunks and all.</param>
public sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private const string HeadEnd = "\r\n\r\n";

    internal static RawAnswer Parse(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var end = text.IndexOf(HeadEnd, StringComparison.Ordinal);
        if (end < 0)
            return new RawAnswer(0, new Dictionary<string, string>(), text);
        var lines = text[..end].Split("\r\n");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
            headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        return new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, text[(end + HeadEnd.Length)..]);
    }

    internal static bool IsWhole(byte[] bytes)
    {
        var answer = Parse(bytes);
        if (answer.Status == 0)
            return false;
        if (answer.Headers.TryGetValue("Content-Length", out var length))
            return answer.Body.Length >= int.Parse(length, CultureInfo.InvariantCulture);
        return answer.Headers.ContainsKey("Transfer-Encoding")
            ? answer.Body.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
            : answer.Status is 204 or 304 or < 200;
    }
}
