using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HookGateway.Admin;

namespace HookGateway.Host.Operating;

/// <summary>Talks to a running gateway's admin API.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly HttpClient _client;

    /// <param name="address">The admin port.</param>
    /// <param name="token">Its token; <see langword="null"/> where it has none.</param>
    public AdminClient(Uri address, string? token)
    {
        // No proxy may stand between, and no redirect may carry the token elsewhere. An audit and a long replay take their time.
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
        {
            BaseAddress = address,
            Timeout = Limit,
            MaxResponseContentBufferSize = 64 * 1024 * 1024,
        };
        if (token is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <exception cref="AdminException">It does not answer, or not with what was asked for.</exception>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, content: null, type, cancellationToken);

    /// <exception cref="AdminException">It does not answer, or not with what was asked for.</exception>
    public Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, content: null, type, cancellationToken);

    /// <exception cref="AdminException">It does not answer, or not with what was asked for.</exception>
    public Task<T> PostAsync<TBody, T>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, path, new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType)), type, cancellationToken);

    /// <summary>An event's raw body.</summary>
    /// <exception cref="AdminException">It does not answer, or not with what was asked for.</exception>
    public async Task<byte[]> GetBytesAsync(string path, CancellationToken cancellationToken) =>
        await SendAsync(HttpMethod.Get, path, content: null, cancellationToken);

    /// <summary>Server-sent events, as they come, until the gateway ends them.</summary>
    /// <param name="path">Of the stream.</param>
    /// <param name="opened">Called once the gateway has begun to tell.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AdminException">It does not answer, or no longer.</exception>
    public async IAsyncEnumerable<SseItem<string>> StreamAsync(
        string path, Action opened, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await ReachAsync(() => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
        if (!response.IsSuccessStatusCode)
            throw new AdminException(Describe(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken)));

        opened();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var items = SseParser.Create(body).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await ReachAsync(() => items.MoveNextAsync().AsTask()))
            yield return items.Current;
    }

    public void Dispose() => _client.Dispose();

    private async Task<T> ReachAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new AdminException($"{_client.BaseAddress}: {e.Message}", e);
        }
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(method, path, content, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(answer, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new AdminException($"{_client.BaseAddress} does not answer as an admin port of this version does.");
        }
    }

    private async Task<byte[]> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? answer : throw new AdminException(Describe(response.StatusCode, answer));
        }
        catch (HttpRequestException e)
        {
            throw new AdminException($"{_client.BaseAddress}: {e.Message}", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AdminException($"{_client.BaseAddress}: no answer within {Limit.TotalMinutes} minutes.", e);
        }
    }

    private static string Describe(HttpStatusCode status, byte[] answer)
    {
        if (status == HttpStatusCode.Unauthorized)
            return "The admin port needs its token: --token-file, HOOKGATEWAY_ADMIN_TOKEN, or the gateway's configuration file.";

        try
        {
            return JsonSerializer.Deserialize(answer, AdminJson.Default.Problem)!.Detail;
        }
        catch (JsonException)
        {
            return $"The admin port answered {(int)status}.";
        }
    }
}

/// <summary>A gateway did not do what was asked; the message is for people.</summary>
internal sealed class AdminException : Exception
{
    public AdminException(string message) : base(message)
    {
    }

    public AdminException(string message, Exception innerException) : base(message, innerException)
    {
    }

    public AdminException()
    {
    }
}
