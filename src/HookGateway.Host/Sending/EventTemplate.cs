using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HookGateway.Configuration;

namespace HookGateway.Host.Sending;

/// <summary>
/// What is sent, again and again, with another name and id each time. A body of the user's own goes out byte for byte unless
/// a name or an id has to be put into it.
/// </summary>
internal sealed class EventTemplate
{
    private const string SampleEvent = "sr.created";
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly byte[] _body;
    private readonly JsonObject? _document;
    private readonly bool _isSample;
    private readonly ValuePlace? _eventPlace;
    private readonly ValuePlace? _idPlace;

    private EventTemplate(SourceConfiguration source, byte[] body, bool isSample)
    {
        _body = body;
        _isSample = isSample;
        _document = ReadObject(body);
        _eventPlace = ValuePlace.Of(source.Event);
        _idPlace = source.Id.Concat(source.Dedupe.Id).Select(ValuePlace.Of).FirstOrDefault(place => place is not null);
    }

    /// <summary>The record that SysAid's documentation shows, with an id.</summary>
    public static EventTemplate Sample(SourceConfiguration source) => new(source, SampleBody(), isSample: true);

    /// <summary>A body of the user's own.</summary>
    public static EventTemplate Of(SourceConfiguration source, byte[] body) => new(source, body, isSample: false);

    /// <summary>Why a name cannot be put in; <see langword="null"/> where it can.</summary>
    public string? EventFault() => Fault(_eventPlace, "--event", "event's name");

    /// <summary>Why an id cannot be put in; <see langword="null"/> where it can.</summary>
    public string? IdFault() => Fault(_isSample ? _idPlace ?? new ValuePlace.Property("id") : _idPlace, "an id", "id");

    /// <summary>One event.</summary>
    /// <param name="eventName">Its name; <see langword="null"/> leaves the body's.</param>
    /// <param name="id">Its id; <see langword="null"/> leaves the body's.</param>
    public OutgoingEvent Make(string? eventName, string? id)
    {
        var headers = new List<KeyValuePair<string, string>>();
        JsonObject? changed = null;
        if (_isSample && id is not null)
            SetProperty("id", id);
        Set(_idPlace, id);
        Set(_eventPlace, eventName ?? (_isSample ? SampleEvent : null));
        return new OutgoingEvent(changed is null ? _body : JsonSerializer.SerializeToUtf8Bytes(changed, Layout), headers, id);

        void Set(ValuePlace? place, string? value)
        {
            if (value is null)
                return;
            if (place is ValuePlace.Header header)
                headers.Add(new(header.Name, value));
            else if (place is ValuePlace.Property property)
                SetProperty(property.Name, value);
        }

        void SetProperty(string name, string value)
        {
            changed ??= (JsonObject)_document!.DeepClone();
            changed[name] = value;
        }
    }

    private string? Fault(ValuePlace? place, string what, string value) => place switch
    {
        null => $"{what} cannot be set: where this source finds its {value} is no header and no plain property of the body.",
        ValuePlace.Property when _document is null => $"{what} cannot be set: the body is no JSON object.",
        _ => null,
    };

    private static JsonObject? ReadObject(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] SampleBody()
    {
        using var resource = typeof(EventTemplate).Assembly.GetManifestResourceStream("samples/sysaid.json")!;
        var body = new byte[resource.Length];
        resource.ReadExactly(body);
        return body;
    }
}

/// <summary>One event, ready to be signed.</summary>
/// <param name="Body">Byte for byte as it will be sent.</param>
/// <param name="Headers">Its name and id, where the source takes them from headers.</param>
/// <param name="Id">The sender's id, where it was set here.</param>
internal sealed record OutgoingEvent(byte[] Body, IReadOnlyList<KeyValuePair<string, string>> Headers, string? Id);
