using System.Net;
using HookGateway.Configuration;
using HookGateway.Deliver.Outbound;
using Microsoft.Extensions.Caching.Hybrid;

namespace HookGateway.SysAid;

/// <summary>
/// SysAid's Connect API for one account. What is asked for comes from <see cref="Requests"/>; access tokens, the account's limit of
/// requests and retries are seen to here. Any thread.
/// </summary>
internal sealed class ConnectApi
{
    private static readonly TokenFields TokenFields = new("token", "tokenType", "expiresIn");

    private readonly ApiConfiguration _api;
    private readonly ApiSender _sender;
    private readonly ApiRetry _retry;
    private readonly AccessTokens _tokens;
    private readonly TimeProvider _time;

    /// <param name="api">The account.</param>
    /// <param name="client">Makes the requests.</param>
    /// <param name="budget">One for all who ask for the same account.</param>
    /// <param name="cache">Keeps the access token.</param>
    /// <param name="isShared">Whether other gateways share that cache.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Told what is waited for, in a sentence that may be shown.</param>
    public ConnectApi(
        ApiConfiguration api, HttpMessageInvoker client, RateBudget budget, HybridCache cache, bool isShared, TimeProvider time,
        Action<string> tell)
    {
        _api = api;
        _time = time;
        _sender = new ApiSender(client, budget, time, text => tell(WithoutSecrets(text)));
        _retry = new ApiRetry(time, text => tell(WithoutSecrets(text)));
        _tokens = new AccessTokens(
            "sysaid", [api.Url.AbsoluteUri, api.Routes.Token, api.Account, api.ClientId, api.ClientSecret], RequestTokenAsync, cache, time,
            isShared);
        Requests = new ApiRequests(api);
    }

    /// <summary>What can be asked for.</summary>
    public ApiRequests Requests { get; }

    /// <summary>Asks, and gives a 2xx's answer.</summary>
    /// <exception cref="SysAidException">There was none.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var wasUnclear = false;
        try
        {
            var last = await _retry.ExecuteAsync(
                async cancel =>
                {
                    var attempt = await AttemptAsync(request, cancel).ConfigureAwait(false);
                    wasUnclear |= attempt.IsUnclear;
                    return attempt;
                },
                cancellationToken).ConfigureAwait(false);

            // What is gone after an attempt that nobody heard of was ended by that attempt.
            var isGone = wasUnclear && request.Method == HttpMethod.Delete && last.Answer?.Status == (int)HttpStatusCode.NotFound;
            return last.Answer is { } answer && (answer.IsSuccess || isGone) ? answer : throw Fault(last, request);
        }
        catch (AccessTokenException noToken)
        {
            throw new SysAidException(WithoutSecrets($"SysAid gave no access token: {noToken.Message}"));
        }
    }

    /// <summary>One page of service records.</summary>
    /// <inheritdoc cref="ApiRequests.SearchRecords" path="/param"/>
    /// <exception cref="SysAidException">There is none to be had.</exception>
    public async Task<IReadOnlyList<ServiceRecord>> SearchRecordsAsync(
        int limit, int offset, IReadOnlyCollection<string> fields, ReconcileConfiguration reconcile, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(Requests.SearchRecords(limit, offset, fields), cancellationToken).ConfigureAwait(false);
        return answer.Items is { } records
            ? [.. records.Select(record => ServiceRecord.Of(record, reconcile))]
            : throw new SysAidException($"SysAid answered {answer} without a list of service records.") { Answer = answer };
    }

    private async ValueTask<ApiAttempt> AttemptAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (!request.NeedsToken)
            return await _sender.SendAsync(request, token: null, cancellationToken).ConfigureAwait(false);

        var token = await _tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await _sender.SendAsync(request, token, cancellationToken).ConfigureAwait(false);
        if (attempt.Answer?.Status != (int)HttpStatusCode.Unauthorized || !await _tokens.TryDropAsync(token).ConfigureAwait(false))
            return attempt;

        token = await _tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        return await _sender.SendAsync(request, token, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<AccessToken> RequestTokenAsync(CancellationToken cancellationToken)
    {
        var attempt = await _retry.ExecuteAsync(
            cancel => _sender.SendAsync(Requests.Token(), token: null, cancel), cancellationToken).ConfigureAwait(false);
        return attempt.Answer is { IsSuccess: true } answer
            ? TokenAnswer.Read(answer.Body, TokenFields, _time.GetUtcNow())
            : throw new AccessTokenException(ApiRetry.Describe(attempt));
    }

    private SysAidException Fault(ApiAttempt attempt, ApiRequest request)
    {
        var doubt = attempt.IsUnclear && request.Method != HttpMethod.Get ? "; whether it was done is not known" : "";
        var text = WithoutSecrets($"{ApiRetry.Describe(attempt)}{doubt}");
        return new SysAidException(request.Secret is { } secret ? text.Replace(secret, SecretFields.Mask, StringComparison.Ordinal) : text) { Answer = attempt.Answer };
    }

    // SysAid's own words could repeat what it was sent.
    private string WithoutSecrets(string text) => text.Replace(_api.ClientSecret, SecretFields.Mask, StringComparison.Ordinal);
}
