using HookGateway.Configuration;
using HookGateway.Store;

namespace HookGateway.Verify;

/// <summary>
/// Reads what a verified request is: its event's name, the sender's id, the key, and what makes it a duplicate. Compiled
/// once from a source's configuration, safe for any number of threads. No request makes it throw.
/// </summary>
internal sealed class EventReader
{
    private const int SlotsOnStack = 16;

    private readonly string _source;
    private readonly JsonPathTree _paths = new();
    private readonly CompiledField _name;
    private readonly CompiledField[] _ids;
    private readonly CompiledField? _key;
    private readonly CompiledField? _complete;
    private readonly CompiledField[] _dedupeIds;
    private readonly bool _joinDedupeIds;
    private readonly bool _readsJson;
    private readonly bool _readsForm;

    /// <exception cref="FormatException">An expression is neither of the notations; the message is for the operator.</exception>
    public EventReader(SourceConfiguration source)
    {
        _source = source.Name;
        _name = Compile(source.Event);
        _ids = [.. source.Id.Select(Compile)];
        _key = source.Key is null ? null : Compile(source.Key);
        _complete = source.Coalesce?.Complete is { } complete ? Compile(complete) : null;
        _dedupeIds = [.. source.Dedupe.Id.Select(Compile)];
        _joinDedupeIds = source.Dedupe.JoinAll;

        CompiledField[] all = [_name, .. _ids, .. _dedupeIds, .. new[] { _key, _complete }.OfType<CompiledField>()];
        _readsJson = all.Any(field => field.Expression is EventExpression.Path or EventExpression.Computed);
        _readsForm = all.Any(field => field.Expression is EventExpression.Form);
    }

    public IdentifyResult Identify(ReceivedRequest request)
    {
        if (!BodyFormats.IsPlain(request.Headers.ContentEncoding))
            return new IdentifyResult.UnsupportedMediaType("The body must come without a Content-Encoding.");

        Span<JsonSlice> slots = _paths.Count <= SlotsOnStack ? stackalloc JsonSlice[SlotsOnStack] : new JsonSlice[_paths.Count];
        var fields = new RequestFields(request, slots);
        if (_readsJson || _readsForm)
        {
            var format = BodyFormats.Of(request.Headers.ContentType);
            if (format == BodyFormat.Json && _readsJson)
            {
                return fields.ReadJson(_paths) is { } problem ? new IdentifyResult.Malformed(problem) : Identify(ref fields);
            }

            if (format != BodyFormat.Form || !_readsForm) return Unsupported();
            if (fields.ReadForm() is { } fault) return new IdentifyResult.Malformed(fault);
        }

        return Identify(ref fields);
    }

    private IdentifyResult Identify(ref RequestFields fields)
    {
        var name = fields.Read(_name, out var isStructure);
        if (isStructure) return new IdentifyResult.Malformed("The event's name is an object or an array, not a text.");
        if (EventText.ProblemOfName(name) is { } problem) return new IdentifyResult.Malformed(problem);

        var id = First(_ids, ref fields);
        var key = _key is { } field ? EventText.Bounded(fields.Read(field, out _)) : null;
        var isComplete = _complete is { } complete && IsGiven(complete, ref fields);
        return new IdentifyResult.Identified(name!, id, key, DedupeKeyOf(id, ref fields)) { IsComplete = isComplete, Document = fields.Parsed };
    }

    // Null is a text without characters where JMESPath computed it.
    private static bool IsGiven(CompiledField field, ref RequestFields fields) =>
        !string.IsNullOrEmpty(fields.Read(field, out var isStructure)) || isStructure;

    private DedupeKey DedupeKeyOf(string? id, ref RequestFields fields)
    {
        var dedupeId = _joinDedupeIds ? Joined(ref fields) : First(_dedupeIds, ref fields);
        return (dedupeId ?? id) is { } text ? DedupeKey.OfId(_source, text) : DedupeKey.OfContent(_source, fields.Body);
    }

    private static string? First(CompiledField[] candidates, ref RequestFields fields)
    {
        foreach (var candidate in candidates)
        {
            // An empty id would make one event of all that carry it.
            if (EventText.Bounded(fields.Read(candidate, out _)) is { } value) return value;
        }

        return null;
    }

    private string? Joined(ref RequestFields fields)
    {
        var values = new string?[_dedupeIds.Length];
        for (var i = 0; i < values.Length; i++) values[i] = EventText.Bounded(fields.Read(_dedupeIds[i], out _));
        return Array.TrueForAll(values, value => value is null) ? null : EventText.Join(values);
    }

    private CompiledField Compile(string text)
    {
        var expression = EventExpression.Compile(text);
        return new CompiledField(expression, expression is EventExpression.Path path ? _paths.Add(path.Steps) : -1);
    }

    private IdentifyResult.UnsupportedMediaType Unsupported() => new((_readsJson, _readsForm) switch
    {
        (true, true) => "This source takes application/json or application/x-www-form-urlencoded, in UTF-8.",
        (true, false) => "This source takes application/json, in UTF-8.",
        _ => "This source takes application/x-www-form-urlencoded, in UTF-8.",
    });
}

/// <summary>An expression and, where it is a plain path, the slot that its value is found in.</summary>
internal readonly record struct CompiledField(EventExpression Expression, int Slot);
