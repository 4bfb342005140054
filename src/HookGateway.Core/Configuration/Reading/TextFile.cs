using System.Text;

namespace HookGateway.Configuration.Reading;

/// <summary>Reads a small text file without ever throwing for what it finds.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The content; <see langword="null"/> with a <paramref name="fault"/> such as <c>does not exist</c>.</summary>
    public static string? Read(string path, int maxBytes, out string? fault)
    {
        fault = null;
        try
        {
            if (Directory.Exists(path))
                fault = "is a directory";
            else
                return Decode(path, maxBytes, out fault);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            fault = "does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            fault = "may not be read by this user";
        }
        catch (DecoderFallbackException)
        {
            fault = "is not UTF-8 text";
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            fault = "cannot be read";
        }

        return null;
    }

    private static string? Decode(string path, int maxBytes, out string? fault)
    {
        var buffer = new byte[maxBytes + 1];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        fault = length > maxBytes ? $"is larger than {ByteSize.Format(maxBytes)}" : null;
        return fault is null ? StrictUtf8.GetString(buffer, 0, length).TrimStart('\uFEFF') : null;
    }
}
