using System.Globalization;
using StackExchange.Redis;

namespace HookGateway.Storage.Redis.Writing;

/// <summary>What all partitions say is due, a request.</summary>
/// <param name="answers">What <c>peek.lua</c> gave, a partition.</param>
internal sealed class DueDeliveries(RedisResult[][] answers)
{
    // The event's size in hex follows the delivery's id.
    private const int IdDigits = 14;

    /// <summary>How many are due, as far as was looked.</summary>
    public int Count(int request) => answers.Sum(answer => answer[1 + (2 * request)].Length / 2);

    /// <summary>When the next one will be.</summary>
    public TimeSpan? NextAt(int request) => answers
        .Where(answer => ((string?)answer[2 + (2 * request)]) is { Length: > 0 })
        .Select(answer => (TimeSpan?)TimeSpan.FromMilliseconds((double)answer[2 + (2 * request)] - (double)answer[0]))
        .Min();

    /// <summary>Those that are due, the longest due first.</summary>
    public IEnumerable<(int Partition, long Bytes)> InOrder(int request) => answers
        .SelectMany((answer, partition) => Read((RedisValue[])answer[1 + (2 * request)]!).Select(due => (partition, due.Bytes, due.Due, due.Id)))
        .OrderBy(due => due.Due)
        .ThenBy(due => due.Id, StringComparer.Ordinal)
        .Select(due => (due.partition, due.Bytes));

    private static IEnumerable<(double Due, string Id, long Bytes)> Read(RedisValue[] membersAndScores)
    {
        for (var i = 0; i < membersAndScores.Length; i += 2)
        {
            var member = (string)membersAndScores[i]!;
            yield return ((double)membersAndScores[i + 1], member, long.Parse(member.AsSpan(IdDigits), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }
}
