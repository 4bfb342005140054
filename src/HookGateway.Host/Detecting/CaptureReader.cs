namespace HookGateway.Host.Detecting;

/// <summary>Reads a captured request from a file: raw HTTP, a HAR or a <c>curl</c> command line, told apart by how it begins.</summary>
internal static class CaptureReader
{
    /// <summary>The largest file, and the largest that a <c>curl</c> line may name for its body, in bytes.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;

    /// <param name="path">The file.</param>
    /// <param name="entry">Which entry of a HAR, from 1; <see langword="null"/> for its only POST.</param>
    /// <exception cref="FormatException">It is none of the forms; the message says what is wrong.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static CapturedRequest Read(string path, int? entry) => Parse(ReadFile(path), entry);

    /// <inheritdoc cref="Read"/>
    /// <param name="content">What stands in the file.</param>
    /// <param name="entry">Which entry of a HAR.</param>
    public static CapturedRequest Parse(byte[] content, int? entry)
    {
        var bytes = content.AsSpan();
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes["\uFEFF"u8.Length..];
        var start = bytes.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty)
            throw new FormatException("it is empty");
        if (start[0] == '{')
            return HarCapture.Read(start.ToArray(), entry);
        if (entry is not null)
            throw new FormatException("--entry is for a HAR, and this is none");
        return start.StartsWith("curl "u8) || start.StartsWith("$ curl "u8)
            ? CurlCapture.Read(CapturedRequest.TextOf(start))
            : RawCapture.Read(start);
    }

    /// <summary>A whole file within <see cref="MaxBytes"/>.</summary>
    /// <exception cref="FormatException">It is larger.</exception>
    public static byte[] ReadFile(string path)
    {
        using var file = File.OpenRead(path);
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = file.Read(buffer)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > MaxBytes)
                throw new FormatException($"{path} is larger than {MaxBytes / (1024 * 1024)} MiB");
        }

        return content.ToArray();
    }
}
