using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>verify</c> of a source: a word, or a mapping with one scheme.</summary>
internal static class VerifyReader
{
    private const string Choices = "a mapping with hmac, or one of the words none and capture";

    // Stands in where a fault is recorded already: such a configuration is never used.
    private static readonly VerifyConfiguration Unreadable = new VerifyConfiguration.None();

    /// <param name="source">The source, over its preset.</param>
    /// <param name="isRequired">Whether it must be there.</param>
    public static VerifyConfiguration Read(MappingReader source, bool isRequired)
    {
        if (source.IsWord("verify", "none"))
        {
            source.Warn("verify", "none: whoever knows the address can send events");
            return new VerifyConfiguration.None();
        }

        if (source.IsWord("verify", "capture"))
        {
            source.Warn("verify", "capture: requests are kept in files for 'hookgateway signature detect', and delivered nowhere");
            if (source.Has("secrets"))
                source.Warn("secrets", "verify: capture checks no signature: whoever knows the address can send requests that are kept");
            return new VerifyConfiguration.Capture();
        }

        if (source.IsMapping("verify"))
            return source.Section("verify", ReadScheme, Unreadable);
        if (source.Has("verify"))
            source.Fault("verify", $"expected {Choices}");
        else if (isRequired)
            source.FaultHere($"needs verify: {Choices}; or a preset");
        return Unreadable;
    }

    private static VerifyConfiguration ReadScheme(MappingReader verify)
    {
        if (!verify.Has("hmac"))
            verify.FaultHere("needs hmac: the scheme of the signature");
        return verify.Section("hmac", HmacReader.Read, Unreadable);
    }
}
