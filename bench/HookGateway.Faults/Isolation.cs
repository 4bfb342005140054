using HookGateway.Testing.Downstream;
using HookGateway.Testing.Gateway;
using HookGateway.Testing.Senders;

namespace HookGateway.Faults;

/// <summary>
/// What ill neighbours cost a healthy destination: its lag at one arrival rate, alone and in company, in rounds that take
/// turns, so that whatever else the machine does falls on all of them. Each round is a new gateway with an empty store.
/// </summary>
internal static class Isolation
{
    private const string Secret = "secret";
    private const int WarmUpSeconds = 4;

    public static async Task RunAsync(int rounds, int rate, int seconds)
    {
        Console.WriteLine($"{rounds} rounds of {seconds} s, {rate} events/s; milliseconds from the post, and from its 202, to the receipt");
        Console.WriteLine("round  company   post p50     p99   202 p50     p99");
        var all = Enum.GetValues<Company>().ToDictionary(company => company, _ => new List<List<Lag>>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var company in Enum.GetValues<Company>())
            {
                var lags = await MeasureAsync(company, rate, seconds);
                all[company].Add(lags);
                Print($"{round,5}", company, lags);
            }
        }

        Console.WriteLine("Ratios: the median of the rounds'");
        Compare("ill / alone", all[Company.Ill], all[Company.Alone]);
        Compare("well / alone", all[Company.Well], all[Company.Alone]);
        Compare("ill / well", all[Company.Ill], all[Company.Well]);
    }

    private static async Task<List<Lag>> MeasureAsync(Company company, int rate, int seconds)
    {
        await using var measured = await Receiver.StartAsync();
        await using var neighbours = await Neighbours.StartAsync(company);
        await using var gateway = await GatewayProcess.StartAsync(ports => neighbours.Configure(ports, measured.Url, Secret));
        using var sender = new SysAidSender(new Uri(gateway.HttpUrl, "/hooks/sysaid"), Secret);
        var posts = new Task<Post>[rate * (WarmUpSeconds + seconds)];
        var began = TimeProvider.System.GetTimestamp();
        for (var number = 0; number < posts.Length; number++)
        {
            // An open loop: a slow answer does not hold back the next event.
            var wait = TimeSpan.FromSeconds((double)number / rate) - TimeProvider.System.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, TimeProvider.System);

            posts[number] = PostAsync(sender, number);
        }

        var sent = await Task.WhenAll(posts);
        await measured.WaitForAsync(sent.Length, TimeSpan.FromSeconds(60));
        var receipts = measured.Arrivals.GroupBy(arrival => arrival.WebhookId!).ToDictionary(group => group.Key, group => group.Min(arrival => arrival.At));
        return [.. sent.Skip(rate * WarmUpSeconds).Select(post => new Lag(receipts[post.Id] - post.At, receipts[post.Id] - post.AnsweredAt))];
    }

    private static async Task<Post> PostAsync(SysAidSender sender, int number)
    {
        var body = SysAidEvent.Created(number);
        var at = TimeProvider.System.GetUtcNow();
        var answer = await sender.SendAsync(body);
        var answeredAt = TimeProvider.System.GetUtcNow();
        return answer.Status == 202
            ? new Post(answer.Id!, at, answeredAt)
            : throw new InvalidOperationException($"The gateway answered {answer.Status}.");
    }

    private static void Print(string round, Company company, List<Lag> lags) => Console.WriteLine(
        $"{round}  {company,-7} {FromPost(lags, 50),9:0.00} {FromPost(lags, 99),7:0.00} {From202(lags, 50),9:0.00} {From202(lags, 99),7:0.00}");

    private static void Compare(string what, List<List<Lag>> lags, List<List<Lag>> others)
    {
        double Ratio(Func<List<Lag>, int, double> of, int percent) =>
            lags.Zip(others, (mine, theirs) => of(mine, percent) / of(theirs, percent)).Order().ElementAt(lags.Count / 2);

        Console.WriteLine(
            $"{what,-12}  from the post: p50 {Ratio(FromPost, 50):0.00}, p99 {Ratio(FromPost, 99):0.00}; "
            + $"from the 202: p50 {Ratio(From202, 50):0.00}, p99 {Ratio(From202, 99):0.00}");
    }

    private static double FromPost(List<Lag> lags, int percent) => Percentile(lags.Select(lag => lag.FromPost), percent);

    // Delivering begins when the 202 does, so that a receipt can come first.
    private static double From202(List<Lag> lags, int percent) => Percentile(lags.Select(lag => lag.From202), percent);

    private static double Percentile(IEnumerable<TimeSpan> lags, int percent)
    {
        var ordered = lags.Order().ToList();
        return ordered[Math.Min(ordered.Count - 1, ordered.Count * percent / 100)].TotalMilliseconds;
    }

    private sealed record Post(string Id, DateTimeOffset At, DateTimeOffset AnsweredAt);

    private sealed record Lag(TimeSpan FromPost, TimeSpan From202);
}
