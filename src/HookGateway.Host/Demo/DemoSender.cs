using System.Security.Cryptography;
using HookGateway.Configuration;
using HookGateway.Host.Sending;

namespace HookGateway.Host.Demo;

/// <summary>The demo's SysAid: plays one record's story after another until it is told to stop.</summary>
internal sealed class DemoSender(SourceConfiguration source, Uri url, DemoLedger ledger, DemoScreen screen) : IDisposable
{
    private const int FirstRecord = 148;
    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenRecords = TimeSpan.FromSeconds(2);

    private readonly EventSender _sender = new(source, url, acceptAnyCertificate: true);

    // A forger has everything but the secret.
    private readonly EventSender _forger = new(
        source with { Secrets = [Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))] }, url, acceptAnyCertificate: true);

    /// <summary>Sends until <paramref name="stop"/>; an event that is on its way still gets its answer.</summary>
    public async Task PlayAsync(CancellationToken stop)
    {
        for (var record = FirstRecord; !stop.IsCancellationRequested; record++)
        {
            foreach (var sent in SysAidStory.Of(record, TimeProvider.System).TakeWhile(_ => !stop.IsCancellationRequested))
            {
                await SendAsync(sent);
                await PauseAsync(BetweenEvents, stop);
            }

            await PauseAsync(BetweenRecords, stop);
        }
    }

    private async Task SendAsync(DemoEvent sent)
    {
        if (sent.Expected == Expected.Lost)
        {
            screen.Show("lost", null, null, sent.Text);
            ledger.Lost();
            return;
        }

        screen.Show("sent", null, null, sent.Text);
        var sender = sent.Expected == Expected.Refused ? _forger : _sender;
        var posted = TimeProvider.System.GetUtcNow();
        var answer = await sender.SendAsync(new OutgoingEvent(sent.Body, [], Id: null), CancellationToken.None);
        ledger.Answered(sent, answer, posted, TimeProvider.System.GetUtcNow());
        screen.Show("answered", answer.Id, answer.Status, answer.Result ?? answer.Error ?? "");
    }

    private static async Task PauseAsync(TimeSpan pause, CancellationToken stop) =>
        await Task.Delay(pause, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender.Dispose();
        _forger.Dispose();
    }
}
