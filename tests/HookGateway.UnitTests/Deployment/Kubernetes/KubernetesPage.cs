using System.Text.RegularExpressions;
using HookGateway.Testing;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>docs/kubernetes.md: the Secrets that it has its readers make, and the files that it shows.</summary>
internal static partial class KubernetesPage
{
    private static readonly string Text = File.ReadAllText(Repository.File("docs", "kubernetes.md"));

    /// <summary>Every key of every Secret that a command makes.</summary>
    public static ILookup<string, string> Secrets { get; } = Command().Matches(Text.Replace("\\\n", "", StringComparison.Ordinal))
        .SelectMany(command => Keys(command.Groups["type"].Value, command.Groups["rest"].Value)
            .Select(key => (Secret: command.Groups["name"].Value, Key: key)))
        .Distinct()
        .ToLookup(pair => pair.Secret, pair => pair.Key);

    /// <summary>The objects that it shows, kustomizations aside.</summary>
    public static IReadOnlyList<YamlNode> Objects { get; } =
        [.. Blocks().SelectMany(block => YamlFile.Parse(block.Yaml)).Where(node => node.At("kind").Text() != "Kustomization")];

    /// <summary>The kustomizations that it shows, each rendered where it says that it stands.</summary>
    public static IReadOnlyList<Manifests> Overlays()
    {
        using var checkout = new TemporaryDirectory();
        foreach (var file in Directory.GetFiles(Repository.File("k8s"), "*", SearchOption.AllDirectories))
            checkout.Write(Path.GetRelativePath(Repository.Root, file), File.ReadAllText(file));
        checkout.Write("k8s/overlays/mine/hookgateway.yaml", File.ReadAllText(Repository.File("k8s", "overlays", "single", "hookgateway.yaml")));

        var named = Blocks().Where(block => block.Path is not null).ToList();
        foreach (var (path, yaml) in named.Where(block => Path.GetFileName(block.Path) != "kustomization.yaml"))
            checkout.Write(path!, yaml);
        return
        [
            .. named.Where(block => Path.GetFileName(block.Path) == "kustomization.yaml").Select(block => Manifests.Of(
                Kustomization.Render(checkout.File(Path.GetDirectoryName(block.Path)!), (YamlMappingNode)YamlFile.Parse(block.Yaml).Single()))),
        ];
    }

    private static IEnumerable<(string? Path, string Yaml)> Blocks() => Block().Matches(Text)
        .Select(match => match.Groups["yaml"].Value)
        .Where(yaml => yaml.Contains("apiVersion:", StringComparison.Ordinal))
        .Select(yaml => (yaml.StartsWith("# ", StringComparison.Ordinal) ? yaml[2..yaml.IndexOf('\n')] : null, yaml));

    private static IEnumerable<string> Keys(string type, string rest) => type == "tls"
        ? ["tls.crt", "tls.key"]
        : Key().Matches(rest).Select(key => key.Groups[1].Value);

    [GeneratedRegex("create secret (?<type>generic|tls) (?<name>[a-z-]+)(?<rest>.*)")]
    private static partial Regex Command();

    [GeneratedRegex("--from-(?:literal|file)=([a-z.-]+)=")]
    private static partial Regex Key();

    [GeneratedRegex("^```yaml\n(?<yaml>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
