using HookGateway.Host.Sending;

namespace HookGateway.Host.Demo;

/// <summary>
/// What was answered and what arrived, and whether the one follows from the other: every accepted event delivered once, byte for
/// byte, under one id; of every edit session one message with all its last values; a duplicate answered as one; nothing delivered
/// that was not accepted.
/// </summary>
/// <param name="quiet">Within how much time the webhooks of a session have to come to be one message.</param>
internal sealed class DemoLedger(TimeSpan quiet)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DemoEvent> _accepted = [];
    private readonly Dictionary<string, DemoSession> _sessions = [];
    private readonly List<(string? Id, byte[] Body, int Status)> _arrived = [];
    private readonly List<string> _faults = [];
    private int _duplicates;
    private int _refused;
    private int _lost;

    /// <summary>Writes down that an event was not sent.</summary>
    public void Lost()
    {
        lock (_gate)
            _lost++;
    }

    /// <summary>Writes down what an event was answered.</summary>
    /// <param name="sent">The event.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="posted">When it was sent.</param>
    /// <param name="answered">When the answer came.</param>
    public void Answered(DemoEvent sent, SendAnswer answer, DateTimeOffset posted, DateTimeOffset answered)
    {
        lock (_gate)
        {
            switch (sent.Expected)
            {
                case Expected.Accepted or Expected.AcceptedLate when answer is { Status: 202, Id: not null, Result: "accepted" }:
                    Accept(sent, answer.Id, posted, answered);
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
            var own = _accepted.Where(accepted => accepted.Value.Session is null).ToDictionary();
            var attempts = _arrived.ToLookup(attempt => attempt.Id);
            var delivered = own.Count(accepted => JudgeOne(accepted.Key, accepted.Value.Body, [.. attempts[accepted.Key]], everythingIsDue, faults));

            var others = attempts.Where(group => group.Key is null || !own.ContainsKey(group.Key)).ToList();
            foreach (var other in others)
            {
                if (other.Key is null || !_sessions.Values.Any(session => session.IsIn(other.First().Body)))
                    faults.Add($"{other.Key ?? "an event without an id"}: delivered and never accepted");
                else if (other.Count(attempt => attempt.Status == 200) is > 1 and var times)
                    faults.Add($"{other.Key}: delivered {times} times");
            }

            var messages = others.Where(other => other.Any(attempt => attempt.Status == 200)).Select(other => other.First().Body).ToList();
            var ofSessions = _sessions.Values.Select(session => (Session: session, Messages: messages.Where(session.IsIn).ToList())).ToList();
            faults.AddRange(ofSessions.SelectMany(one => one.Session.FaultsOf(one.Messages, everythingIsDue)));
            if (everythingIsDue && _accepted.Count == 0)
                faults.Add("nothing was accepted");
            return new DemoVerdict(
                own.Count, delivered, _sessions.Count, _sessions.Values.Sum(session => session.Webhooks), _lost,
                _accepted.Values.Count(accepted => accepted.Expected == Expected.AcceptedLate), messages.Count,
                _arrived.Count(attempt => attempt.Status != 200), _duplicates, _refused,
                own.Count - delivered + ofSessions.Count(one => one.Messages.Count == 0), faults);
        }
    }

    /// <returns>Whether it was delivered.</returns>
    private static bool JudgeOne(
        string id, byte[] body, IReadOnlyList<(string? Id, byte[] Body, int Status)> attempts, bool isDue, List<string> faults)
    {
        var times = attempts.Count(attempt => attempt.Status == 200);
        if (times > 1)
            faults.Add($"{id}: delivered {times} times");
        else if (times == 0 && isDue)
            faults.Add($"{id}: accepted and not delivered");
        if (attempts.Any(attempt => !attempt.Body.AsSpan().SequenceEqual(body)))
            faults.Add($"{id}: arrived with another body than was sent");
        return times > 0;
    }

    private void Accept(DemoEvent sent, string id, DateTimeOffset posted, DateTimeOffset answered)
    {
        if (!_accepted.TryAdd(id, sent))
        {
            _faults.Add($"{sent.Text}: accepted under the id of another event, {id}");
            return;
        }

        if (sent.Session is not { } name)
            return;

        if (!_sessions.TryGetValue(name, out var session))
            _sessions[name] = session = new DemoSession(name, quiet);

        session.Accepted(sent.Body, posted, answered);
    }

    private bool IsFirst(string id, byte[] body) => _accepted.TryGetValue(id, out var first) && first.Body == body;
}
