using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace HookGateway.Load.Loading;

/// <summary>
/// A kept connection on which a load posts <see cref="SampleEvent"/>, one after the other. It does only what that takes: a load that
/// shares a CPU with its downstream is late, and then in a hurry, for whatever a client for everybody does and leaves to be collected.
/// </summary>
internal sealed class PostConnection : IDisposable
{
    private const int StatusAt = 9;
    private const int StatusDigits = 3;
    private const string LengthHeader = "\r\nContent-Length: ";

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SocketAsyncEventArgs _connecting;
    private readonly SocketAsyncEventArgs _receiving = new();
    private readonly Action<PostConnection> _ended;
    private readonly byte[] _answer = new byte[8192];
    private readonly byte[] _request;
    private readonly Range _signature;
    private readonly Range _body;
    private readonly Range _name;
    private readonly Range _id;
    private int _received;

    /// <summary>Makes one that connects when it posts first.</summary>
    /// <param name="url">Where to post: an address, no TLS.</param>
    /// <param name="idLength">How many characters each id has, all of them ASCII.</param>
    /// <param name="ended">Told when a post was answered or has failed; on the thread that noticed it.</param>
    public PostConnection(Uri url, int idLength, Action<PostConnection> ended)
    {
        _ended = ended;
        var id = new string('#', idLength);
        var body = SampleEvent.Body(0, id);
        var signature = SampleEvent.Sign(body);
        var head = $"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json"
            + $"{LengthHeader}{body.Length}\r\n{SampleEvent.SignatureHeader}: ";
        _request = [.. Encoding.ASCII.GetBytes($"{head}{signature}\r\n\r\n"), .. body];
        _signature = new Range(head.Length, head.Length + signature.Length);
        _body = Range.StartAt(_request.Length - body.Length);
        _id = PlaceOf(id);
        _name = PlaceOf(SampleEvent.Name(0));
        _receiving.SetBuffer(_answer, 0, _answer.Length);
        _receiving.Completed += (_, _) => Received();
        _connecting = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(url.Host), url.Port) };
        _connecting.Completed += (_, _) => Send();
    }

    /// <summary>The number of the last post.</summary>
    public int Number { get; private set; }

    /// <summary>
    /// The status of its answer; 0 where no whole one of at most 8 KiB came. Then the connection is of no more use.
    /// </summary>
    public int Status { get; private set; }

    /// <summary>Posts an event and returns; the one before has ended.</summary>
    /// <param name="number">For whoever is told of its end.</param>
    /// <param name="name">The number in its name.</param>
    /// <param name="id">Its id.</param>
    public void Post(int number, int name, string id)
    {
        (Number, Status, _received) = (number, 0, 0);
        Encoding.ASCII.GetBytes(SampleEvent.Name(name), _request.AsSpan(_name));
        Encoding.ASCII.GetBytes(id, _request.AsSpan(_id));
        SampleEvent.Sign(_request.AsSpan(_body), _request.AsSpan(_signature));

        // A server that has too much to do takes no connection for a while: that must not hold up the next event.
        if (_socket.Connected || !_socket.ConnectAsync(_connecting))
            Send();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _connecting.Dispose();
        _receiving.Dispose();
    }

    private Range PlaceOf(string text)
    {
        var at = _request.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(text));
        return new Range(at, at + text.Length);
    }

    private void Send()
    {
        try
        {
            _socket.Send(_request);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _ended(this);
            return;
        }

        Receive();
    }

    private void Receive()
    {
        try
        {
            do
            {
                _receiving.SetBuffer(_received, _answer.Length - _received);
            }
            while (!_socket.ReceiveAsync(_receiving) && !IsEnd());
        }
        catch (ObjectDisposedException)
        {
            _ended(this);
        }
    }

    private void Received()
    {
        if (!IsEnd())
            Receive();
    }

    private bool IsEnd()
    {
        _received += _receiving.BytesTransferred;
        var isWhole = TryReadStatus(_answer.AsSpan(0, _received), out var status);
        if (!isWhole && _receiving is { SocketError: SocketError.Success, BytesTransferred: > 0 } && _received < _answer.Length)
            return false;

        Status = isWhole ? status : 0;
        _ended(this);
        return true;
    }

    private static bool TryReadStatus(ReadOnlySpan<byte> answer, out int status)
    {
        status = 0;
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;

        var head = Encoding.ASCII.GetString(answer[..(end + 2)]);
        status = int.Parse(head.AsSpan(StatusAt, StatusDigits), CultureInfo.InvariantCulture);
        if (head.Contains("\r\nTransfer-Encoding: chunked\r\n", StringComparison.OrdinalIgnoreCase))
            return answer[(end + 2)..].EndsWith("\r\n0\r\n\r\n"u8);

        var at = head.IndexOf(LengthHeader, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return true;

        var digits = head.AsSpan(at + LengthHeader.Length);
        return answer.Length >= end + 4 + int.Parse(digits[..digits.IndexOf('\r')], CultureInfo.InvariantCulture);
    }
}
