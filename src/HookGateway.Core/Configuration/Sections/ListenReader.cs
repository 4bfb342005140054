using System.Net;
using HookGateway.Configuration.Reading;

namespace HookGateway.Configuration.Sections;

/// <summary>Reads <c>listen</c>.</summary>
internal static class ListenReader
{
    private static readonly Kind<TimeSpan> Drain = Kinds.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(5));

    /// <summary>What listens where nothing is said.</summary>
    public static ListenConfiguration Default { get; } = new()
    {
        Https = new HttpsListenerConfiguration { Address = new IPEndPoint(IPAddress.Any, 8443) },
        Admin = new AdminListenerConfiguration { Address = new IPEndPoint(IPAddress.Loopback, 9080) },
    };

    public static ListenConfiguration Read(MappingReader listen)
    {
        var configuration = new ListenConfiguration
        {
            Https = listen.IsWord("https", "off") ? null : listen.Section("https", ReadHttps, Default.Https),
            Http = listen.IsWord("http", "off") ? null : listen.Section("http", ReadHttp, null),
            Admin = listen.Section("admin", ReadAdmin, Default.Admin),
            PublicUrl = ReadPublicUrl(listen),
            TrustedProxies = listen.List("trustedProxies", Kinds.Network, [], mayBeEmpty: true),
            Drain = listen.Value("drain", Drain, TimeSpan.Zero),
        };
        if (configuration is { Https: null, Http: null } && !listen.Has("http"))
            listen.FaultHere("https is off and there is no http: nobody could send anything");
        CheckPorts(listen, configuration);
        return configuration;
    }

    private static HttpsListenerConfiguration ReadHttps(MappingReader https)
    {
        if (https.Has("certificate") != https.Has("key"))
            https.Fault(https.Has("key") ? "key" : "certificate", "certificate and key are given together, or neither");
        return new HttpsListenerConfiguration
        {
            Address = https.Value("address", Kinds.EndPoint, Default.Https!.Address),
            CertificatePath = ReadFile(https, "certificate"),
            KeyPath = ReadFile(https, "key"),
        };
    }

    private static IPEndPoint? ReadHttp(MappingReader http) => http.Required("address", Kinds.EndPoint, Default.Admin.Address);

    private static AdminListenerConfiguration ReadAdmin(MappingReader admin)
    {
        var address = admin.Value("address", Kinds.EndPoint, Default.Admin.Address);

        // A token that cannot be read is a fault already: it must not look like none.
        var token = admin.Value("token", Kinds.Token, otherwise: admin.Has("token") ? "unreadable" : "");
        if (token.Length == 0 && !IPAddress.IsLoopback(address.Address))
            admin.Fault("address", "other machines can reach it and there is no token: the gateway refuses to start");
        return new AdminListenerConfiguration { Address = address, Token = token.Length == 0 ? null : token };
    }

    private static string? ReadFile(MappingReader https, string key)
    {
        var path = https.Value(key, Kinds.Text);
        if (path is null)
            return null;
        path = https.Absolute(path);
        if (!File.Exists(path))
            https.Fault(key, "there is no such file");
        return path;
    }

    private static Uri? ReadPublicUrl(MappingReader listen)
    {
        var url = listen.Value("publicUrl", Kinds.Url);
        if (url is { Query.Length: > 0 })
            listen.Fault("publicUrl", "no query here: it is what the sources' paths are put after");
        return url is null || !url.AbsolutePath.EndsWith('/') ? url : new Uri(url.GetLeftPart(UriPartial.Path).TrimEnd('/'));
    }

    private static void CheckPorts(MappingReader listen, ListenConfiguration configuration)
    {
        (string Key, IPEndPoint? Address)[] listeners =
        [
            ("https", configuration.Https?.Address), ("http", configuration.Http), ("admin", configuration.Admin.Address),
        ];
        for (var i = 1; i < listeners.Length; i++)
        {
            foreach (var (key, address) in listeners.Take(i))
            {
                if (address is not null && listeners[i].Address is { } later && NetworkAddress.Overlap(address, later))
                    listen.Fault(listeners[i].Key, $"{key} listens on the same address and port");
            }
        }
    }
}
