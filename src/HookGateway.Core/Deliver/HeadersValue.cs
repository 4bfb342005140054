using System.Diagnostics.CodeAnalysis;
using Fluid;
using Fluid.Values;

namespace HookGateway.Deliver;

/// <summary>
/// An event's headers as a template sees them: names are compared as in HTTP, whatever their case, which the library's own
/// dictionary does not do; the values of a name that stands several times are joined, as HTTP joins them.
/// </summary>
internal sealed class HeadersValue : IFluidIndexable
{
    private readonly Dictionary<string, FluidValue> _headers = new(StringComparer.OrdinalIgnoreCase);

    private HeadersValue(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var named in headers.GroupBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
            _headers.Add(named.Key, new StringValue(string.Join(", ", named.Select(header => header.Value))));
    }

    public int Count => _headers.Count;

    public IEnumerable<string> Keys => _headers.Keys;

    public static DictionaryValue Of(IReadOnlyList<KeyValuePair<string, string>> headers) => new(new HeadersValue(headers));

    public bool TryGetValue(string name, [MaybeNullWhen(false)] out FluidValue value) => _headers.TryGetValue(name, out value);
}
