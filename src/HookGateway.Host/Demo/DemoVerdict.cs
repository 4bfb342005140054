namespace HookGateway.Host.Demo;

/// <summary>How the demo ended.</summary>
/// <param name="Accepted">Events of no edit session that were accepted.</param>
/// <param name="Delivered">How many of them were delivered.</param>
/// <param name="Sessions">Edit sessions of which a webhook was accepted.</param>
/// <param name="Webhooks">How many webhooks of them were accepted.</param>
/// <param name="Lost">How many were never sent.</param>
/// <param name="Late">How many of those that were accepted came late.</param>
/// <param name="Messages">Messages that they became.</param>
/// <param name="FailedAttempts">Attempts that the receiver turned away.</param>
/// <param name="Duplicates">Requests answered as duplicates.</param>
/// <param name="Refused">Forged requests refused.</param>
/// <param name="Waiting">Events and sessions of which nothing was delivered yet.</param>
/// <param name="Faults">What was not as it should be.</param>
internal sealed record DemoVerdict(
    int Accepted, int Delivered, int Sessions, int Webhooks, int Lost, int Late, int Messages, int FailedAttempts, int Duplicates, int Refused,
    int Waiting, IReadOnlyList<string> Faults)
{
    /// <summary>A table for people, and how it ended.</summary>
    public override string ToString() => string.Join(
        '\n',
        $"edit sessions    {Sessions}, of {Webhooks} webhooks ({Late} late; {Lost} more lost on the way): {Messages} messages",
        $"other events     {Accepted} accepted, {Delivered} delivered byte for byte",
        $"sent again       {Duplicates} answered as duplicates, and delivered no second time",
        $"forged           {Refused} refused",
        $"failed attempts  {FailedAttempts}, tried again",
        Faults.Count > 0 ? $"{Faults.Count} not as it should be"
            : Waiting > 0 ? $"nothing wrong so far, {Waiting} still on their way"
            : "everything as it should be");
}
