using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HookGateway.Store;

namespace HookGateway.Coalesce;

/// <summary>How a key's state lies in the store: JSON, that an operator can look at.</summary>
[JsonSerializable(typeof(KeyState))]
internal sealed partial class KeyStateJson : JsonSerializerContext
{
    // Nobody takes it for HTML, and a change is JSON in JSON.
    private static readonly KeyStateJson Plain = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static byte[] Write(KeyState state) => JsonSerializer.SerializeToUtf8Bytes(state, Plain.KeyState);

    /// <exception cref="StoreException">It is not what this version writes.</exception>
    public static KeyState Read(ReadOnlySpan<byte> state)
    {
        try
        {
            return JsonSerializer.Deserialize(state, Plain.KeyState)!;
        }
        catch (JsonException e)
        {
            throw new StoreException($"What is held of a key cannot be read by this version: run the one that wrote it. {e.Message}", e);
        }
    }
}
