namespace HookGateway.Configuration;

/// <summary>One of <c>destinations</c>: who receives.</summary>
public sealed record DestinationConfiguration
{
    /// <summary>The name: letters, digits, <c>-</c> and <c>_</c>; unlike any other also when case is ignored.</summary>
    public required string Name { get; init; }

    /// <summary>Where to post to; the first of several. It may hold a secret: show <see cref="Uri.Scheme"/> and host only.</summary>
    public required Uri Url { get; init; }

    /// <summary>All of where to post to: each attempt goes to one. Default <see cref="Url"/> alone.</summary>
    public IReadOnlyList<Uri> Urls
    {
        get => field ?? [Url];
        init;
    }

    /// <summary>
    /// Which of <see cref="Urls"/> takes an attempt, by the name of one of YARP's policies: <c>PowerOfTwoChoices</c> (the
    /// default), <c>LeastRequests</c>, <c>RoundRobin</c>, <c>Random</c>, or <c>FirstAlphabetical</c>, the first in the file's order.
    /// </summary>
    public string LoadBalancing { get; init; } = "PowerOfTwoChoices";

    /// <summary>Which of <see cref="Urls"/> are held for healthy. Default all.</summary>
    public HealthConfiguration Health { get; init; } = new();

    /// <summary>Certificates; <see langword="null"/>: the system's authorities, and none of its own.</summary>
    public TlsConfiguration? Tls { get; init; }

    /// <summary>An HTTP proxy that every request goes through; <see langword="null"/>: none, whatever the environment says.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>How long one attempt may take, connecting and reading the answer included. Default 10 s; at least 10 ms.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many attempts may be under way at once, at most: fewer while the destination slows or answers 429 or 503. Default
    /// 16; 1 to 1024.
    /// </summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>
    /// Whether events of one source and key are delivered strictly one after the other, in the order of their acceptance, also
    /// across retries and restarts; those of different keys side by side. Events without a key are not ordered. Default
    /// <see langword="false"/>.
    /// </summary>
    public bool Order { get; init; }

    /// <summary>
    /// Whether a dead delivery keeps those of its key behind it from going until it is replayed. Only with <see cref="Order"/>.
    /// Default <see cref="OrderOnDead.Skip"/>.
    /// </summary>
    public OrderOnDead OrderOnDead { get; init; }

    /// <summary>Whether its dead deliveries keep others from going.</summary>
    internal bool Blocks => Order && OrderOnDead == OrderOnDead.Block;

    /// <summary>How many attempts may begin in a stretch of time. Default <see langword="null"/>: any number.</summary>
    public RateLimitConfiguration? RateLimit { get; init; }

    /// <summary>When a failed delivery is tried again.</summary>
    public RetryConfiguration Retry { get; init; } = new();

    /// <summary>When to leave a failing destination alone for a while.</summary>
    public BreakerConfiguration Breaker { get; init; } = new();

    /// <summary>What it is sent in place of the sender's body. Default <see langword="null"/>: the body, byte for byte.</summary>
    public TemplateConfiguration? Template { get; init; }

    /// <summary>Headers that every attempt carries; they win over what the gateway itself sets, but for those of HTTP framing.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// Which of the sender's headers it gets besides Content-Type: names, in which <c>*</c> stands for any characters. Case does
    /// not count. What proves who the sender is must be named in full. Default none.
    /// </summary>
    public IReadOnlyList<string> ForwardHeaders { get; init; } = [];

    /// <summary>
    /// Secrets that each attempt is signed with by Standard Webhooks, in base64, with or without <c>whsec_</c> before it;
    /// several while one is being replaced. Empty: attempts are not signed.
    /// </summary>
    public IReadOnlyList<string> SigningSecrets { get; init; } = [];

    /// <summary>How the gateway identifies itself; <see langword="null"/>: not at all.</summary>
    public AuthConfiguration? Auth { get; init; }
}

/// <summary><c>orderOnDead</c>: what a dead delivery means for those behind it.</summary>
public enum OrderOnDead
{
    /// <summary><c>skip</c>: the next one goes.</summary>
    Skip,

    /// <summary><c>block</c>: its key stands still until the dead one is replayed and has ended.</summary>
    Block,
}

/// <summary><c>retry</c>: the schedule of the attempts after the first.</summary>
public sealed record RetryConfiguration
{
    /// <summary>Attempts in all, the first included; after the last the delivery is dead. Default 12.</summary>
    public int Attempts { get; init; } = 12;

    /// <summary>The wait after the first attempt. Default 5 s.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What each wait is multiplied by to give the next. Default 3; at least 1.</summary>
    public double Factor { get; init; } = 3;

    /// <summary>The longest wait, also for a <c>Retry-After</c>. Default 6 h.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How far a wait is varied by chance, as a share of it, both ways. Default 0.2; 0 to 1.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>
    /// How long after an event's receipt its delivery is still retried: one whose next attempt would begin later is dead. The
    /// first attempt is made however late it is. Default <see langword="null"/>: as long as there are attempts left.
    /// </summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Statuses that make a delivery dead at once. Default 410 (gone).</summary>
    public IReadOnlyList<StatusRange> GiveUpOn { get; init; } = [new(410, 410)];
}

/// <summary><c>breaker</c>: while it is open a destination is not attempted, and no delivery loses an attempt.</summary>
public sealed record BreakerConfiguration
{
    /// <summary>The share of failed attempts in the window that opens it. Default 0.5.</summary>
    public double Failures { get; init; } = 0.5;

    /// <summary>How many attempts the window must hold before it can open. Default 10; at least 2.</summary>
    public int Minimum { get; init; } = 10;

    /// <summary>How far back attempts count. Default 30 s; at least 500 ms.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays open before one attempt probes. Default 30 s; at least 500 ms.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(30);
}
