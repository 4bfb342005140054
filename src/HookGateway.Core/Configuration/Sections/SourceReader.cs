using System.Net;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads one of <c>sources</c>.</summary>
internal static class SourceReader
{
    // The gateway's own news come from a source of this name.
    private const string Reserved = "hookgateway";

    // A source that only captures reads no event from its requests.
    private const string Unnamed = "'captured'";

    private static readonly Kind<int> Success = Kinds.Integer(200, 299);
    private static readonly Kind<string> Preset = Kinds.NameOf("preset", PresetLibrary.Names);

    private static readonly Kind<string> Path = Kinds.Matching(
        "a path such as /hooks/crm: plain URL characters, no empty or dotted segments, no slash at its end", IsPath);

    public static SourceConfiguration Read(string name, MappingReader source)
    {
        if (string.Equals(name, Reserved, StringComparison.OrdinalIgnoreCase))
            source.FaultHere("the name is the gateway's own");
        var preset = source.Value("preset", Preset);
        if (preset is not null)
            source.Under(PresetLibrary.Load(preset));

        // What an unreadable preset would have given is not missing.
        var isWhole = preset is not null || !source.Has("preset");
        source.NotYet("keepRejected", "rateLimit");
        var verify = VerifyReader.Read(source, isWhole);
        var needsEvent = isWhole && verify is not VerifyConfiguration.Capture;
        var read = new SourceConfiguration
        {
            Name = name,
            Path = source.Value("path", Path, $"/hooks/{name}"),
            Preset = preset,
            Secrets = ReadSecrets(source, verify),
            Verify = verify,
            Dedupe = source.Section("dedupe", DedupeReader.Read, new DedupeConfiguration()),
            Event = needsEvent ? source.Required("event", Kinds.Expression, "") : source.Value("event", Kinds.Expression, Unnamed),
            Id = source.List("id", Kinds.Expression, []),
            Key = source.Value("key", Kinds.Expression),
            Coalesce = ReadCoalesce(source, isWhole),
            Allow = source.List<IPNetwork>("allow", Kinds.Network, []),
            AnswerStatus = source.Section("answer", answer => answer.Value("status", Success, 202), 202),
            Api = source.Section("api", ApiReader.Read, null),
            Reconcile = source.Section<ReconcileConfiguration?>("reconcile", ReconcileReader.Read, null),
        };
        ReconcileReader.Check(source, read);
        return read;
    }

    private static CoalesceConfiguration? ReadCoalesce(MappingReader source, bool isWhole)
    {
        if (isWhole && source.Has("coalesce") && !source.Has("key"))
            source.Fault("coalesce", "needs the source's key: what an event is about, such as srId");
        return source.Section("coalesce", CoalesceReader.Read, null);
    }

    private static IReadOnlyList<string> ReadSecrets(MappingReader source, VerifyConfiguration verify)
    {
        var encoding = (verify as VerifyConfiguration.Hmac)?.SecretEncoding ?? SecretEncoding.Text;
        if (verify is VerifyConfiguration.Hmac && !source.Has("secrets"))
            source.FaultHere("needs secrets: at least one, to verify signatures with");
        return source.List("secrets", SecretKind.Of(encoding), []);
    }

    private static bool IsPath(string text) => text == "/" || Kinds.IsPath(text);
}
