using System.Runtime.InteropServices;
using System.Text.Json;
using HookGateway.Coalesce;

namespace HookGateway.SysAid.Reconcile;

/// <summary>The fields of <c>reconcile.compare</c>, called by their positions, and their values, told by hashes of their text.</summary>
/// <param name="compare">The names in a record, each with the one in webhooks.</param>
internal sealed class ComparedFields(IReadOnlyList<KeyValuePair<string, string>> compare)
{
    // Nothing, null and an empty text are one: which of them is written differs.
    private static readonly long Empty = UpdateList.HashOf("");

    private readonly ILookup<string, int> _told = Enumerable.Range(0, compare.Count).ToLookup(position => compare[position].Value);

    /// <summary>How many.</summary>
    public int Count => compare.Count;

    /// <summary>Tells these fields from others.</summary>
    public long Identity { get; } = UpdateList.HashOf(string.Join('\n', compare.Select(field => $"{field.Key}\n{field.Value}")));

    /// <summary>Which of them a webhook calls so.</summary>
    public IEnumerable<int> CalledInWebhooks(string field) => _told[field];

    /// <summary>What a record shows; <see langword="null"/> of a field that it does not, or that cannot be read.</summary>
    public uint?[] Of(JsonElement record) => [.. compare.Select(field => Of(record, field.Key))];

    /// <summary>As it is kept.</summary>
    /// <param name="hash">By <see cref="UpdateList.HashOf"/>.</param>
    public static uint Short(long hash) => hash == Empty ? 0 : (uint)(hash >> 32);

    private static uint? Of(JsonElement record, string field)
    {
        try
        {
            return record.TryGetProperty(field, out var value)
                ? Short(UpdateList.HashOf(JsonPlace.Text(JsonMarshal.GetRawUtf8Value(value))))
                : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
