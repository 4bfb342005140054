using HookGateway.Configuration.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HookGateway.Configuration.Yaml;

/// <summary>
/// Reads YAML text into nodes, straight from the parser's events, so that depth and size are bounded while reading. Anchors
/// and aliases are refused: expanding them is how a small file becomes a huge one. So are tags and a second document.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>The contract needs 6 levels.</summary>
    public const int MaxDepth = 64;

    /// <summary>Scalars, sequences and mappings together, keys included.</summary>
    public const int MaxNodes = 100_000;

    private static readonly Place Start = new(1, 1);
    private readonly Parser _parser;
    private readonly FaultList _faults;
    private int _nodes;

    private YamlTree(string text, FaultList faults)
    {
        _parser = new Parser(new StringReader(text));
        _faults = faults;
    }

    /// <summary>
    /// The mapping that is the whole document; <see langword="null"/> where there is none, with the faults that say why.
    /// </summary>
    public static YamlNode.Mapping? Read(string text, FaultList faults)
    {
        var tree = new YamlTree(text, faults);

        // The parser takes a NUL for the end of the file, and would drop what follows without a word.
        var nul = text.IndexOf('\0', StringComparison.Ordinal);
        if (nul >= 0)
        {
            faults.Add(PlaceIn(text, nul), "a NUL character: not a text file");
            return null;
        }

        try
        {
            return tree.ReadDocument();
        }
        catch (YamlException exception)
        {
            faults.Add(PlaceOf(exception.Start), $"not valid YAML: {exception.Message}");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The parser answers some malformed input with whatever its own state threw, not with a YamlException.
            var place = PlaceOf(tree._parser.Current?.End ?? Mark.Empty);
            faults.Add(place, "not valid YAML: unexpected content, or an unclosed [ or {");
        }

        return null;
    }

    private YamlNode.Mapping? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            _faults.Add(Start, "the file is empty");
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = ReadNode(depth: 1);
        _parser.Consume<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out _))
            _faults.Add(PlaceOf(_parser.Current!.Start), "a second document (---): one file is one configuration");

        if (root is YamlNode.Mapping mapping)
            return mapping;
        if (root.IsNull)
            _faults.Add(Start, "the file is empty");
        else
            _faults.Add(root.Place, "expected a mapping such as `sources:`");
        return null;
    }

    private YamlNode ReadNode(int depth)
    {
        var next = _parser.Consume<ParsingEvent>();
        var place = PlaceOf(next.Start);
        if (++_nodes > MaxNodes)
            throw new YamlException(next.Start, next.End, $"more than {MaxNodes} values");
        if (depth > MaxDepth)
            throw new YamlException(next.Start, next.End, $"nested deeper than {MaxDepth} levels");
        if (next is NodeEvent node && (!node.Anchor.IsEmpty || !node.Tag.IsEmpty))
            _faults.Add(place, "anchors (&) and tags (!) are not supported");

        return next switch
        {
            Scalar scalar => new YamlNode.Scalar(place, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadSequence(place, depth),
            MappingStart => ReadMapping(place, depth),
            AnchorAlias => ReadAlias(place),
            _ => throw new YamlException(next.Start, next.End, "expected a value"),
        };
    }

    private YamlNode.Scalar ReadAlias(Place place)
    {
        _faults.Add(place, "aliases (*) are not supported: write the value out");
        return new YamlNode.Scalar(place, "", IsPlain: true);
    }

    private YamlNode.Sequence ReadSequence(Place place, int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode(depth + 1));
        return new YamlNode.Sequence(place, items);
    }

    private YamlNode.Mapping ReadMapping(Place place, int depth)
    {
        var entries = new Dictionary<string, YamlEntry>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(depth + 1);
            var value = ReadNode(depth + 1);
            if (key is not YamlNode.Scalar { Text: var name })
                _faults.Add(key.Place, "a key must be plain text");
            else if (!entries.TryAdd(name, new YamlEntry(key.Place, name, value)))
                _faults.Add(key.Place, $"the key {Quote.Of(name)} stands here twice; first in line {entries[name].Place.Line}");
        }

        return new YamlNode.Mapping(place, [.. entries.Values]);
    }

    private static Place PlaceOf(Mark mark) => new((int)mark.Line, (int)mark.Column);

    private static Place PlaceIn(string text, int index)
    {
        var before = text.AsSpan(0, index);
        return new Place(before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }
}
