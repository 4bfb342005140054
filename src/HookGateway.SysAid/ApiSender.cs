using System.Net;
using System.Net.Http.Headers;
using HookGateway.Deliver;
using HookGateway.Deliver.Outbound;
using HookGateway.Events;

namespace HookGateway.SysAid;

/// <summary>Makes attempts: one request, one answer, within the account's limit of requests. Any thread.</summary>
internal sealed class ApiSender(HttpMessageInvoker client, RateBudget budget, TimeProvider time, Action<string> tell)
{
    /// <summary>How long an attempt may take, its answer read to the end.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The largest answer that is read: 16 MiB.</summary>
    public const int AnswerLimit = 16 * 1024 * 1024;

    /// <summary>Makes one attempt. Throws for nothing that SysAid or the network can do.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async ValueTask<ApiAttempt> SendAsync(ApiRequest request, AccessToken? token, CancellationToken cancellationToken)
    {
        await budget.EnterAsync(
            wait => tell(FormattableString.Invariant($"SysAid's limit of requests is reached: waiting {wait.TotalSeconds:0} s.")),
            cancellationToken).ConfigureAwait(false);
        RateLimitHeaders? told = null;
        using var tooLong = new CancellationTokenSource(Limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLong.Token);
        try
        {
            using var message = MessageOf(request, token);
            using var response = await client.SendAsync(message, ended.Token).ConfigureAwait(false);
            told = RateLimitOf(response);
            var body = await ReadAsync(response.Content, ended.Token).ConfigureAwait(false);
            return body is { } whole
                ? Answered(request, new ApiAnswer((int)response.StatusCode, whole), response)
                : new ApiAttempt { Failure = "the answer is larger than 16 MiB" };
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested)
        {
            return Unclear(request, $"no answer within {Limit.TotalSeconds:0} s");
        }
        catch (Exception error)
        {
            return Failed(request, error);
        }
        finally
        {
            budget.Leave(told);
        }
    }

    private static HttpRequestMessage MessageOf(ApiRequest request, AccessToken? token)
    {
        var message = new HttpRequestMessage(request.Method, request.Url)
        {
            Version = request.Url.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = request.Body is { } body ? new ByteArrayContent(body) : null,
        };
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        if (token is not null)
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);

        return message;
    }

    private static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[16 * 1024];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var read and > 0)
        {
            if (whole.Length + read > AnswerLimit)
                return null;

            whole.Write(buffer, 0, read);
        }

        return whole.ToArray();
    }

    private RateLimitHeaders? RateLimitOf(HttpResponseMessage response)
    {
        var now = time.GetUtcNow();
        return RateLimitHeaders.Of(response, now)

            // Nothing else says that there is nothing left, and until when.
            ?? (response.StatusCode == HttpStatusCode.TooManyRequests && RateLimitHeaders.RetryAfter(response, now) is { } wait
                ? new RateLimitHeaders(null, 0, wait)
                : null);
    }

    private ApiAttempt Answered(ApiRequest request, ApiAnswer answer, HttpResponseMessage response) => new()
    {
        Answer = answer,
        RetryAfter = RateLimitHeaders.RetryAfter(response, time.GetUtcNow()),
        CanRetry = answer.Status is 429 or 503 || (answer.Status >= 500 && request.IsRepeatable),
        IsUnclear = answer.Status is >= 500 and not 503,
    };

    private static ApiAttempt Unclear(ApiRequest request, string failure) =>
        new() { Failure = failure, CanRetry = request.IsRepeatable, IsUnclear = true };

    private static ApiAttempt Failed(ApiRequest request, Exception error)
    {
        var failure = Failures.Describe(error);
        return failure.Error switch
        {
            // Nothing was sent. What egress denies it denies the next time too.
            DeliveryError.Dns or DeliveryError.Connect => new ApiAttempt { Failure = failure.Detail, CanRetry = !IsDenied(error) },
            DeliveryError.Tls => new ApiAttempt { Failure = failure.Detail },
            _ => Unclear(request, failure.Detail!),
        };
    }

    private static bool IsDenied(Exception error) =>
        error is EgressDeniedException || (error.InnerException is { } inner && IsDenied(inner));
}
