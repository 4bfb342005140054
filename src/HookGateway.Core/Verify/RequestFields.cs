using Microsoft.Extensions.Primitives;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HookGateway.Verify;

/// <summary>One request while its fields are read: its body in the one form that it has, and nothing parsed twice.</summary>
/// <param name="request">The request.</param>
/// <param name="slots">Room for the values of plain paths.</param>
internal ref struct RequestFields(ReceivedRequest request, Span<JsonSlice> slots)
{
    private readonly ReceivedRequest _request = request;
    private readonly Span<JsonSlice> _slots = slots;
    private ReadOnlySpan<byte> _json;
    private string? _form;
    private JToken? _document;
    private bool _isDocumentUnreadable;

    public readonly ReadOnlySpan<byte> Body => _request.Body.Span;

    /// <summary>The body as a document, where an expression has needed it so far.</summary>
    public readonly JToken? Parsed => _document;

    /// <summary>Takes the body as JSON. A byte order mark before it is passed over (RFC 8259, 8.1).</summary>
    /// <returns>What is wrong with it, for the sender.</returns>
    public string? ReadJson(JsonPathTree paths)
    {
        var body = Body;
        if (body.StartsWith("\uFEFF"u8)) body = body["\uFEFF"u8.Length..];
        _json = body;
        return paths.Read(body, _slots);
    }

    /// <summary>Takes the body as form fields.</summary>
    /// <returns>What is wrong with it, for the sender.</returns>
    public string? ReadForm() => FormBody.Read(Body, out _form);

    /// <summary>The value of one expression; <see langword="null"/> where there is none.</summary>
    /// <param name="field">What to read.</param>
    /// <param name="isStructure">Whether there is none because it is an object or an array.</param>
    public string? Read(CompiledField field, out bool isStructure)
    {
        isStructure = false;
        switch (field.Expression)
        {
            case EventExpression.Path when !_json.IsEmpty:
                isStructure = _slots[field.Slot].IsStructure;
                return _slots[field.Slot].ToText(_json);
            case EventExpression.Computed computed when !_json.IsEmpty && Document() is { } document:
                (var text, isStructure) = computed.Expression.Evaluate(document);
                return text;
            case EventExpression.Constant constant:
                return constant.Text;
            case EventExpression.Header header:
                return FirstOf(_request.Headers[header.Name]);
            case EventExpression.Query query:
                return FirstOf(_request.Query[query.Name]);
            case EventExpression.Form form when _form is not null:
                return FormBody.Find(_form, form.Name);
            default:
                return null;
        }
    }

    private static string? FirstOf(StringValues values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value)) return value;
        }

        return null;
    }

    private JToken? Document()
    {
        if (_document is not null || _isDocumentUnreadable) return _document;
        try
        {
            _document = JmesQuery.Parse(_json);
        }
        catch (JsonException)
        {
            // An integer of more digits than the library reads: valid JSON, but nothing can be computed from it.
            _isDocumentUnreadable = true;
        }

        return _document;
    }
}
