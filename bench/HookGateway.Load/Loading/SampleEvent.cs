using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HookGateway.Load.Loading;

/// <summary>
/// SysAid's sample as every load sends it: written as a serializer writes it, without indentation, 2.1 KB. Name and id are
/// moved to its end, so that a sender hashes what comes before only once; whoever reads them has to go through the whole body.
/// </summary>
internal static class SampleEvent
{
    /// <summary>What it is signed with.</summary>
    public const string Secret = "load-secret";

    /// <summary>The header of the signature.</summary>
    public const string SignatureHeader = "X-Sysaid-Signature";

    /// <summary>How many digits the number in a name has.</summary>
    public const int NameDigits = 4;

    private const string IdPlace = "@ID@";
    private const string NamePlace = "@NAME@";

    private static readonly JsonSerializerOptions Layout = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly byte[] Key = Encoding.UTF8.GetBytes(Secret);

    /// <summary>The body with <c>@NAME@</c> for the digits of its name and <c>@ID@</c> for its id.</summary>
    public static string Template { get; } = ReadTemplate();

    /// <summary>The event name of a number below 10,000.</summary>
    public static string Name(int number) => $"sr.created.{Digits(number)}";

    /// <summary>A body.</summary>
    public static byte[] Body(int name, string id) => Encoding.UTF8.GetBytes(
        Template.Replace(NamePlace, Digits(name), StringComparison.Ordinal).Replace(IdPlace, id, StringComparison.Ordinal));

    /// <summary>A body's signature.</summary>
    public static string Sign(byte[] body) => Convert.ToHexStringLower(HMACSHA256.HashData(Key, body));

    /// <summary>Writes a body's signature where its 64 digits go.</summary>
    public static void Sign(ReadOnlySpan<byte> body, Span<byte> signature)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Key, body, digest);
        Convert.TryToHexStringLower(digest, signature, out _);
    }

    private static string Digits(int number) => number.ToString("D4", CultureInfo.InvariantCulture);

    private static string ReadTemplate()
    {
        using var resource = typeof(SampleEvent).Assembly.GetManifestResourceStream("sysaid.json")!;
        var body = JsonNode.Parse(resource)!.AsObject();
        body.Remove("eventName");
        body.Remove("id");
        body["eventName"] = $"sr.created.{NamePlace}";
        body["id"] = IdPlace;
        return body.ToJsonString(Layout);
    }
}
