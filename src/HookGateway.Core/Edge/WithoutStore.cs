using HookGateway.Admin;
using HookGateway.Configuration;
using HookGateway.Pipeline;
using Microsoft.AspNetCore.Http;

namespace HookGateway.Edge;

/// <summary>What a gateway answers whose store is not there yet: it lives, is not ready, and senders are to come again.</summary>
/// <param name="configuration">The gateway's.</param>
/// <param name="reason">Why the store is not there, as it is now.</param>
internal sealed class WithoutStore(GatewayConfiguration configuration, Func<string> reason)
{
    public Task AnswerAsync(HttpContext context) => Listeners.IsAdmin(context)
        ? AdminEndpoints.AnswerWithoutStoreAsync(context, reason(), configuration.Listen.Admin.Token)
        : IngestAnswer.WriteAsync(context.Response, new IngestResult.Unavailable(reason()));
}
