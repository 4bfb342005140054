namespace HookGateway.Storage.Redis.Format;

/// <summary>Texts that can be missing.</summary>
internal static class BinaryTexts
{
    public static void WriteOptional(this BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    public static string? ReadOptional(this BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
