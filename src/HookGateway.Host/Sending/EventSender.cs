using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text.Json;
using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.Host.Sending;

/// <summary>Posts events as a source would: signed, over one client.</summary>
internal sealed class EventSender : IDisposable
{
    private const int LongestAnswer = 64 * 1024;

    private readonly RequestSigner _signer;
    private readonly Uri _url;
    private readonly HttpClient _client;

    /// <summary>A sender for one source.</summary>
    /// <param name="source">Whose signature and path.</param>
    /// <param name="url">Where to.</param>
    /// <param name="acceptAnyCertificate">For self-signed certificates.</param>
    [SuppressMessage("Security", "CA5359", Justification = "The user asked for it, or it is this machine's own gateway.")]
    public EventSender(SourceConfiguration source, Uri url, bool acceptAnyCertificate)
    {
        _signer = new RequestSigner(source);
        _url = url;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        if (acceptAnyCertificate)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        _client = new HttpClient(handler)
        {
            Timeout = TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = LongestAnswer,
        };
    }

    /// <summary>Signs and posts one event. What goes wrong on the way is an answer too, without a status.</summary>
    public Task<SendAnswer> SendAsync(OutgoingEvent outgoing, CancellationToken cancellationToken)
    {
        var signature = _signer.Sign("POST", _url, outgoing.Body, TimeProvider.System.GetUtcNow(), outgoing.Id);

        // Where the id is signed, its header is among the signature's.
        var own = outgoing.Headers.ExceptBy(signature.Select(header => header.Key), header => header.Key, StringComparer.OrdinalIgnoreCase);
        return PostAsync(outgoing.Body, [.. own, .. signature], cancellationToken);
    }

    private async Task<SendAnswer> PostAsync(
        byte[] body, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return Read((int)response.StatusCode, answer, milliseconds);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return new SendAnswer(null, null, null, milliseconds, e.InnerException?.Message ?? e.Message);
        }
    }

    private static SendAnswer Read(int status, byte[] answer, double milliseconds)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return new SendAnswer(
                status, Text(document.RootElement, "id"), Text(document.RootElement, "status"), milliseconds,
                Text(document.RootElement, "detail") ?? Text(document.RootElement, "title"));
        }
        catch (JsonException)
        {
            return new SendAnswer(status, null, null, milliseconds, null);
        }
    }

    // A problem's status is a number, an answer's a word: only words are wanted.
    private static string? Text(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}

/// <summary>What came of one event.</summary>
/// <param name="Status">The HTTP status; <see langword="null"/> where there was no answer.</param>
/// <param name="Id">The gateway's id of the event.</param>
/// <param name="Result"><c>accepted</c> or <c>duplicate</c>.</param>
/// <param name="Milliseconds">From the first byte sent to the last received.</param>
/// <param name="Error">What went wrong, in the gateway's words or the network's.</param>
internal sealed record SendAnswer(int? Status, string? Id, string? Result, double Milliseconds, string? Error)
{
    /// <summary>Whether it was any 2xx.</summary>
    public bool IsSuccess() => Status is >= 200 and <= 299;

    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        var words = new[] { Status?.ToString() ?? "no answer", Result, Id, $"{Milliseconds:0.0} ms", Error };
        return string.Join("  ", words.Where(word => !string.IsNullOrEmpty(word)));
    }
}
