using System.Text;
using System.Text.Json;
using HookGateway.Configuration;
using HookGateway.Verify;

namespace HookGateway.Host.Detecting;

/// <summary>A key that the given secret may mean.</summary>
/// <param name="Encoding">How the secret was read.</param>
/// <param name="Key">Its bytes.</param>
/// <param name="Flaw">What would have to be otherwise with the secret; <see langword="null"/>: it is read as it was given.</param>
internal sealed record SecretReading(SecretEncoding Encoding, byte[] Key, string? Flaw)
{
    /// <summary>As the gateway would read it, in each encoding that it is written in.</summary>
    public static List<SecretReading> Exact(string secret) => Read(secret, null);

    /// <summary>As it may have been meant.</summary>
    public static List<SecretReading> Flawed(string secret)
    {
        var trimmed = secret.Trim();
        var bare = trimmed.Trim('"', '\'');
        var readings = new List<SecretReading>();
        if (trimmed != secret)
            readings.AddRange(Read(trimmed, "the secret stood without the spaces and line ends around it"));
        if (bare != trimmed)
            readings.AddRange(Read(bare, "the secret stood without the quotes around it"));
        if (bare.StartsWith("whsec_", StringComparison.Ordinal))
            readings.AddRange(Read(bare["whsec_".Length..], "the secret stood without whsec_ before it"));
        readings.AddRange(Read(bare + "\n", "the secret had a line end at its end, as a file has"));
        return readings;
    }

    private static List<SecretReading> Read(string secret, string? flaw)
    {
        var readings = new List<SecretReading>();
        foreach (var encoding in Enum.GetValues<SecretEncoding>())
        {
            try
            {
                var key = SignatureEncoding.DecodeSecret(encoding, secret);
                if (!readings.Exists(reading => reading.Key.AsSpan().SequenceEqual(key)))
                    readings.Add(new SecretReading(encoding, key, flaw));
            }
            catch (FormatException)
            {
                // It is not written in this encoding.
            }
        }

        return readings;
    }
}

/// <summary>A body that the sender may have signed.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Flaw">What would have to be otherwise with the body; <see langword="null"/>: it is the captured one.</param>
internal sealed record BodyReading(byte[] Bytes, string? Flaw)
{
    private static readonly (string Flaw, Func<byte[], byte[]?> Change)[] Changes =
    [
        ("the body stood without the line ends and spaces around it", body => body.AsSpan().Trim(" \t\r\n"u8).ToArray()),
        ("the body ended with a line end (LF)", body => [.. body, (byte)'\n']),
        ("the body ended with a line end (CR LF)", body => [.. body, (byte)'\r', (byte)'\n']),
        ("the body had line ends of LF, not CR LF", body => Replace(body, "\r\n", "\n")),
        ("the body had line ends of CR LF, not LF", body => Replace(Replace(body, "\r\n", "\n"), "\n", "\r\n")),
        ("the body began without a byte order mark", body => body.AsSpan().StartsWith("\uFEFF"u8) ? body[3..] : null),
        ("the body were JSON without spaces between its values: something laid it out anew", Minify),
    ];

    /// <summary>As somebody on the way may have changed it, told by what would undo that.</summary>
    public static List<BodyReading> Flawed(byte[] body) =>
    [
        .. Changes.Select(change => new BodyReading(change.Change(body) ?? body, change.Flaw))
            .Where(reading => !reading.Bytes.AsSpan().SequenceEqual(body)),
    ];

    private static byte[] Replace(byte[] body, string old, string replacement) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(body).Replace(old, replacement, StringComparison.Ordinal));

    // Values, and the order of keys, stay as they are written: only what stands between them goes.
    private static byte[]? Minify(byte[] body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            return null;
        }

        var (minified, isText) = (new List<byte>(body.Length), false);
        for (var i = 0; i < body.Length; i++)
        {
            if (isText && body[i] == '\\')
                minified.Add(body[i++]);
            else if (body[i] == '"')
                isText = !isText;
            else if (!isText && body[i] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;
            minified.Add(body[i]);
        }

        return [.. minified];
    }
}
