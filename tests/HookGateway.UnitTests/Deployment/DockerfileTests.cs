using HookGateway.Testing;
using Xunit;

namespace HookGateway.UnitTests.Deployment;

public sealed class DockerfileTests
{
    private static readonly string[] Dockerfile = File.ReadAllLines(Repository.File("Dockerfile"));

    [Fact]
    public void CopiedFiles_AreThere_AndLetThroughByDockerignore()
    {
        var copied = Dockerfile
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1])
            .Select(path => path.TrimEnd('/'))
            .ToList();
        var allowed = File.ReadAllLines(Repository.File(".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]);

        Assert.NotEmpty(copied);
        Assert.All(copied, path => Assert.True(Path.Exists(Repository.File(path)), path));
        Assert.Equal(copied.Order(), allowed.Order());
    }

    [Fact]
    public void PublishedProject_IsTheProgram_RestoredAsLockedAndCompiledAhead()
    {
        var text = string.Join('\n', Dockerfile);

        Assert.Contains("dotnet restore src/HookGateway.Host --use-current-runtime --locked-mode", text);
        Assert.Contains("dotnet publish src/HookGateway.Host -c Release --use-current-runtime --no-restore -o /app", text);
        Assert.Contains("COPY --from=build /app /app", text);
        Assert.Contains("<AssemblyName>hookgateway</AssemblyName>", File.ReadAllText(Repository.File("src", "HookGateway.Host", "HookGateway.Host.csproj")));
        Assert.Contains("ENTRYPOINT [\"hookgateway\"]", text);
    }

    [Fact]
    public void Sdk_OfTheImage_IsTheOneThatGlobalJsonAsksFor()
    {
        var sdk = Dockerfile.Single(line => line.Contains("dotnet/sdk:", StringComparison.Ordinal)).Split("sdk:")[1].Split(' ')[0];

        Assert.Contains($"\"version\": \"{sdk}.", File.ReadAllText(Repository.File("global.json")));
        Assert.Contains(Dockerfile, line => line == $"FROM mcr.microsoft.com/dotnet/aspnet:{sdk}");
    }
}
