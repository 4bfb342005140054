using HookGateway.Host.Sending;

namespace HookGateway.Host.Demo;

/// <summary>
/// What was answered and what arrived, and whether the one follows from the other: every accepted event delivered once,
/// byte for byte, under one id; a duplicate answered as one; nothing delivered that was not accepted.
/// </summary>
internal sealed class DemoLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _accepted = [];
    private readonly List<(string? Id, byte[] Body, int Status)> _arrived = [];
    private readonly List<string> _faults = [];
    private int _duplicates;
    private int _refused;

    /// <summary>Writes down what an event was answered.</summary>
    public void Answered(DemoEvent sent, SendAnswer answer)
    {
        lock (_gate)
        {
            switch (sent.Expected)
            {
                case Expected.Accepted when answer is { Status: 202, Id: not null, Result: "accepted" }:
                    if (!_accepted.TryAdd(answer.Id, sent.Body))
                        _faults.Add($"{sent.Text}: accepted under the id of another event, {answer.Id}");
                    break;
                case Expected.Duplicate when answer is { Status: 200, Id: not null, Result: "duplicate" } && IsFirst(answer.Id, sent.Body):
                    _duplicates++;
                    break;
                case Expected.Refused when answer.Status == 401:
                    _refused++;
                    break;
                default:
                    _faults.Add($"{sent.Text}: answered {answer}");
                    break;
            }
        }
    }

    /// <summary>Writes down an attempt as the receiver saw it.</summary>
    /// <param name="id">Its <c>webhook-id</c>.</param>
    /// <param name="body">Byte for byte.</param>
    /// <param name="status">What it was answered.</param>
    public void Arrived(string? id, byte[] body, int status)
    {
        lock (_gate)
            _arrived.Add((id, body, status));
    }

    /// <summary>Compares both sides.</summary>
    /// <param name="everythingIsDue">Whether an event that has not arrived yet is a fault.</param>
    public DemoVerdict Judge(bool everythingIsDue)
    {
        lock (_gate)
        {
            var faults = new List<string>(_faults);
            var delivered = 0;
            var attempts = _arrived.ToLookup(attempt => attempt.Id);
            foreach (var (id, body) in _accepted)
            {
                var times = attempts[id].Count(attempt => attempt.Status == 200);
                delivered += times > 0 ? 1 : 0;
                if (times > 1)
                    faults.Add($"{id}: delivered {times} times");
                else if (times == 0 && everythingIsDue)
                    faults.Add($"{id}: accepted and not delivered");
                if (attempts[id].Any(attempt => !attempt.Body.AsSpan().SequenceEqual(body)))
                    faults.Add($"{id}: arrived with another body than was sent");
            }

            foreach (var unknown in attempts.Where(group => group.Key is null || !_accepted.ContainsKey(group.Key)))
                faults.Add($"{unknown.Key ?? "an event without an id"}: delivered and never accepted");
            if (everythingIsDue && _accepted.Count == 0)
                faults.Add("nothing was accepted");
            return new DemoVerdict(
                _accepted.Count, delivered, _arrived.Count(attempt => attempt.Status != 200), _duplicates, _refused, faults);
        }
    }

    private bool IsFirst(string id, byte[] body) => _accepted.TryGetValue(id, out var first) && first == body;
}

/// <summary>How the demo ended.</summary>
/// <param name="Accepted">Events accepted.</param>
/// <param name="Delivered">Events delivered.</param>
/// <param name="FailedAttempts">Attempts that the receiver turned away.</param>
/// <param name="Duplicates">Requests answered as duplicates.</param>
/// <param name="Refused">Forged requests refused.</param>
/// <param name="Faults">What was not as it should be.</param>
internal sealed record DemoVerdict(
    int Accepted, int Delivered, int FailedAttempts, int Duplicates, int Refused, IReadOnlyList<string> Faults)
{
    /// <summary>One line for people.</summary>
    public override string ToString() =>
        $"{Accepted} accepted, {Delivered} delivered byte for byte, {FailedAttempts} failed attempts on the way, "
        + $"{Duplicates} duplicates, {Refused} forged refused: "
        + (Faults.Count > 0 ? $"{Faults.Count} not as it should be"
            : Delivered < Accepted ? $"nothing wrong so far, {Accepted - Delivered} still on their way"
            : "everything as it should be");
}
