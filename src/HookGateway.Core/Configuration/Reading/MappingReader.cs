using System.Diagnostics.CodeAnalysis;
using HookGateway.Configuration.Yaml;

namespace HookGateway.Configuration.Reading;

/// <summary>
/// Reads one mapping: takes values by key, remembers which keys exist, and finds the unknown ones at the end. A value that is
/// wrong becomes a fault and the default stands in, so that reading goes on and every fault is found at once.
/// </summary>
internal sealed class MappingReader
{
    private readonly ReadingContext _context;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private YamlNode.Mapping _mapping;
    private Dictionary<string, YamlEntry> _entries;

    /// <param name="context">Of the file.</param>
    /// <param name="path">The mapping's keys from the root, joined by dots; empty for the root.</param>
    /// <param name="place">Where faults go that concern the whole: the mapping's own key.</param>
    /// <param name="mapping">What is read.</param>
    public MappingReader(ReadingContext context, string path, Place place, YamlNode.Mapping mapping)
    {
        _context = context;
        Path = path;
        Place = place;
        Replace(mapping);
    }

    public string Path { get; }

    public Place Place { get; }

    /// <summary>The keys of a mapping in which any may stand, in the file's order.</summary>
    public IReadOnlyList<string> Keys => [.. _mapping.Entries.Select(entry => entry.Key)];

    /// <summary>Whether the key is there and says something.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The names in a mapping, whether what stands under them is right or not.</summary>
    public IReadOnlyList<string> NamesIn(string key) =>
        Find(key) is YamlNode.Mapping mapping ? [.. mapping.Entries.Select(entry => entry.Key)] : [];

    /// <summary>Whether the value is this one word, such as <c>off</c> or <c>none</c>.</summary>
    public bool IsWord(string key, string word) => Find(key) is YamlNode.Scalar scalar && scalar.Text == word;

    /// <summary>Whether the value is a mapping.</summary>
    public bool IsMapping(string key) => Find(key) is YamlNode.Mapping;

    /// <summary>Whether the value is a list.</summary>
    public bool IsList(string key) => Find(key) is YamlNode.Sequence;

    /// <summary>A single value; <paramref name="otherwise"/> where it is not given, or wrong.</summary>
    [return: NotNullIfNotNull(nameof(otherwise))]
    public T? Value<T>(string key, Kind<T> kind, T? otherwise = default) =>
        Find(key) is { } node && _context.TryRead(PathOf(key), node, kind, out var value) ? value : otherwise;

    /// <summary>A single value that must be given.</summary>
    public T Required<T>(string key, Kind<T> kind, T placeholder)
    {
        if (!Has(key))
            FaultHere($"needs {key}: {kind.Expected}");
        return Value(key, kind, placeholder)!;
    }

    /// <summary>A list, or one value for a list of one; <paramref name="otherwise"/> where it is not given.</summary>
    public IReadOnlyList<T> List<T>(string key, Kind<T> kind, IReadOnlyList<T> otherwise, bool mayBeEmpty = false)
    {
        var node = Find(key);
        if (node is null)
            return otherwise;
        var items = node is YamlNode.Sequence sequence ? sequence.Items : [node];
        if (items.Count == 0 && !mayBeEmpty)
            Fault(key, $"needs at least one: {kind.Expected}");
        var values = new List<T>();
        foreach (var item in items)
        {
            if (_context.TryRead(PathOf(key), item, kind, out var value))
                values.Add(value);
        }

        return values;
    }

    /// <summary>A list of at least one that must be given.</summary>
    public IReadOnlyList<T> RequiredList<T>(string key, Kind<T> kind)
    {
        if (!Has(key))
            FaultHere($"needs {key}: {kind.Expected}");
        return List(key, kind, []);
    }

    /// <summary>A mapping inside this one; <paramref name="otherwise"/> where it is not given, or is no mapping.</summary>
    public T Section<T>(string key, Func<MappingReader, T> read, T otherwise)
    {
        if (Find(key) is not { } node)
            return otherwise;
        return Open(PathOf(key), _entries[key].Place, node) is { } reader ? reader.ReadWhole(read) : otherwise;
    }

    /// <summary>A mapping of names to mappings, in the file's order.</summary>
    public IReadOnlyList<T> Named<T>(string key, Func<string, MappingReader, T> read)
    {
        var results = new List<T>();
        var reader = Find(key) is { } node ? Open(PathOf(key), _entries[key].Place, node) : null;
        foreach (var entry in reader?._mapping.Entries ?? [])
        {
            var path = reader!.PathOf(entry.Key);
            if (!Kinds.IsName(entry.Key))
                reader.FaultKey(entry.Key, $"{Quote.Of(entry.Key)} is no name: letters, digits, - and _, 64 at most");
            if (reader.Open(path, entry.Place, entry.Value) is { } inner)
                results.Add(inner.ReadWhole(mapping => read(entry.Key, mapping)));
        }

        return results;
    }

    /// <summary>A list of mappings, each with its position from 0.</summary>
    public IReadOnlyList<T> Items<T>(string key, Func<int, MappingReader, T> read)
    {
        var results = new List<T>();
        if (Find(key) is not { } node)
            return results;
        if (node is not YamlNode.Sequence sequence)
        {
            Fault(key, "expected a list");
            return results;
        }

        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var position = i;
            if (Open($"{PathOf(key)}[{i}]", sequence.Items[i].Place, sequence.Items[i]) is { } inner)
                results.Add(inner.ReadWhole(mapping => read(position, mapping)));
        }

        return results;
    }

    /// <summary>Keys that the contract knows and this version does not do yet.</summary>
    public void NotYet(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (_entries.Remove(key, out var entry))
                _context.Faults.Add(entry.Place, $"{PathOf(key)}: not supported by this version");
        }
    }

    /// <summary>Lays this mapping over a preset's; what comes from there counts as standing at this mapping's place.</summary>
    public void Under(YamlNode.Mapping preset) => Replace(YamlMerge.Merge(_mapping, preset.At(Place)));

    /// <summary>An absolute path from one that is relative to the file.</summary>
    public string Absolute(string path) => _context.Values.Absolute(path);

    /// <summary>A fault at a key's value, or at the mapping where the key is not given.</summary>
    public void Fault(string key, string message) => _context.Faults.Add(PlaceOf(key), $"{PathOf(key)}: {message}");

    /// <summary>A fault of a key itself.</summary>
    public void FaultKey(string key, string message) => _context.Faults.Add(_entries[key].Place, $"{Path}: {message}");

    /// <summary>A fault of the mapping as a whole.</summary>
    public void FaultHere(string message) => _context.Faults.Add(Place, Path.Length == 0 ? message : $"{Path}: {message}");

    /// <summary>A warning at a key's value, or at the mapping where the key is not given.</summary>
    public void Warn(string key, string message) => _context.Faults.Warn(PlaceOf(key), $"{PathOf(key)}: {message}");

    /// <summary>A warning about the mapping as a whole.</summary>
    public void WarnHere(string message) => _context.Faults.Warn(Place, $"{Path}: {message}");

    /// <summary>Reads, then finds the keys that nobody asked for.</summary>
    public T ReadWhole<T>(Func<MappingReader, T> read)
    {
        var result = read(this);
        var known = _known.Order(StringComparer.Ordinal).ToList();
        foreach (var entry in _entries.Values.Where(entry => !_known.Contains(entry.Key)))
        {
            var message = $"unknown key {Quote.Of(entry.Key)}{Suggestion.For(entry.Key, known, "key here")}";
            _context.Faults.Add(entry.Place, Path.Length == 0 ? message : $"{Path}: {message}");
        }

        return result;
    }

    private YamlNode? Find(string key)
    {
        _known.Add(key);
        return _entries.TryGetValue(key, out var entry) && !entry.Value.IsNull ? entry.Value : null;
    }

    private string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    private Place PlaceOf(string key) => Find(key)?.Place ?? Place;

    private MappingReader? Open(string path, Place place, YamlNode node)
    {
        if (node.IsNull)
            node = new YamlNode.Mapping(node.Place, []);
        if (node is YamlNode.Mapping mapping)
            return new MappingReader(_context, path, place, mapping);
        _context.Faults.Add(node.Place, $"{path}: expected a mapping");
        return null;
    }

    [MemberNotNull(nameof(_mapping), nameof(_entries))]
    private void Replace(YamlNode.Mapping mapping)
    {
        _mapping = mapping;
        _entries = mapping.Entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
    }
}
