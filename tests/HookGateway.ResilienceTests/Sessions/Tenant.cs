using HookGateway.Testing.Senders;
using HookGateway.Testing.SysAid;

namespace HookGateway.ResilienceTests.Sessions;

/// <summary>
/// A SysAid account at work: records change as they are edited, and show so in its API; of the webhooks some are lost, some come twice
/// and some late.
/// </summary>
/// <param name="records">What the API shows.</param>
/// <param name="sender">Posts the webhooks.</param>
/// <param name="start">The time from which the webhooks' times count.</param>
/// <param name="seed">Decides what happens to which.</param>
internal sealed class Tenant(FakeServiceRecords records, SysAidSender sender, DateTimeOffset start, int seed)
{
    public const double LostShare = 0.1;
    public const double RepeatedShare = 0.1;
    public const double LateShare = 0.05;

    private readonly Random _random = new(seed);

    /// <summary>How much later than it should one comes, at most.</summary>
    public required TimeSpan Latest { get; init; }

    /// <summary>Everything that was sent, repetitions apart.</summary>
    public IReadOnlyList<Webhook> Webhooks { get; private set; } = [];

    /// <summary>Lives through it; done when the last webhook was answered or given up.</summary>
    /// <param name="posts">In the order of their times.</param>
    /// <param name="middle">What happens in the middle.</param>
    public async Task PlayAsync(IReadOnlyList<SysAidPost> posts, Func<Task> middle)
    {
        var (webhooks, deliveries) = (new List<Webhook>(), new List<Task>());
        foreach (var post in posts)
        {
            await WaitAsync(start + post.At - Now);
            var webhook = new Webhook(post, Happens(LostShare) ? Fate.Lost : Happens(LateShare) ? Fate.Late : Fate.Prompt);
            if (!post.IsFull)
                Show(post.Record, webhook.Changes[0]);

            webhooks.Add(webhook);
            if (webhook.Fate != Fate.Lost)
            {
                deliveries.Add(DeliverAsync(webhook, webhook.Fate == Fate.Late ? Later() : TimeSpan.Zero));
                if (Happens(RepeatedShare))
                {
                    webhooks.Add(new Webhook(post, Fate.Repeated));
                    deliveries.Add(DeliverAsync(webhooks[^1], Later()));
                }
            }

            if (post == posts[posts.Count / 2])
                deliveries.Add(middle());
        }

        await Task.WhenAll(deliveries);
        Webhooks = webhooks;
    }

    private void Show(int record, SysAidChange change) =>
        records.Put(record, DateTimeOffset.FromUnixTimeMilliseconds(change.Time), (change.Field, change.Value));

    private async Task DeliverAsync(Webhook webhook, TimeSpan delay)
    {
        await WaitAsync(delay);
        webhook.Posted = Now;
        if (await sender.DeliverAsync(webhook.Post))
            webhook.Acknowledged = Now;
    }

    private static Task WaitAsync(TimeSpan time) => time > TimeSpan.Zero ? Task.Delay(time, TimeProvider.System) : Task.CompletedTask;

    private bool Happens(double share) => _random.NextDouble() < share;

    private TimeSpan Later() => Latest * _random.NextDouble();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
