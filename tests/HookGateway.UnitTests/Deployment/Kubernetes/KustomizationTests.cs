using Xunit;
using YamlDotNet.RepresentationModel;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>What these tests take for <c>kubectl kustomize</c> refuses what it does not know, and so do the models.</summary>
public sealed class KustomizationTests
{
    private const string Head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../single]\n";
    private const string Object = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\n";

    [Theory]
    [InlineData("namePrefix: x-", "fields that are not known here: namePrefix")]
    [InlineData("images: [{ name: hookgateway, digest: x }]", "fields that are not known here: digest")]
    [InlineData("components: [../redis]", "is no Component")]
    [InlineData("configMapGenerator: [{ name: hookgateway, files: [kustomization.yaml] }]", "cannot create v1 ConfigMap hookgateway")]
    [InlineData("configMapGenerator: [{ name: x, behavior: replace, files: [kustomization.yaml] }]", "cannot replace v1 ConfigMap x")]
    [InlineData("patches: [{ target: { kind: Deployment, name: hookgateway }, patch: '[]' }]", "no object is the target")]
    [InlineData("patches: [{ patch: '{ apiVersion: v1, kind: Service, metadata: { name: x }, $patch: delete }' }]", "there is no v1 Service x to delete")]
    [InlineData("patches: [{ patch: '{ apiVersion: v1, kind: Service, metadata: { name: x }, spec: {} }' }]", "fields that are not known here: spec")]
    [InlineData("patches: [{ target: { kind: StatefulSet, name: hookgateway }, patch: '[{ op: remove, path: /spec/x }]' }]", "A patch cannot be made at /spec/x")]
    [InlineData("patches: [{ target: { kind: StatefulSet, name: hookgateway }, patch: '[{ op: replace, path: /spec/x/y, value: 1 }]' }]", "A patch cannot be made at /spec/x/y")]
    [InlineData("patches: [{ target: { kind: StatefulSet, name: hookgateway }, patch: '[{ op: move, path: /spec, from: /x }]' }]", "A patch cannot be made at /spec")]
    public void Kustomization_OfWhichSomethingIsNotKnown_IsRefused(string line, string fault)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Kustomization.Render("k8s/overlays/redis", Parse(Head + line)));

        Assert.Contains(fault, error.Message);
    }

    [Theory]
    [InlineData("spec: { replica: 1 }")]
    [InlineData("spec: { replicas: two }")]
    [InlineData("spec: { replicas: 1, replicas: 2 }")]
    [InlineData("spec: { template: { spec: { containers: [{ resources: { limits: { memory: 1Gx } } }] } } }")]
    [InlineData("spec: { template: { spec: { containers: [{ livenessProbe: { httpGet: { url: x } } }] } } }")]
    public void Object_ThatTheModelsDoNotKnow_IsRefused(string line) =>
        Assert.ThrowsAny<YamlDotNet.Core.YamlException>(() => Manifests.Read(Parse(Object + line)));

    [Theory]
    [InlineData("metadata: { name: x, labels: { version: 1 } }")]
    [InlineData("metadata: { name: x, annotations: { on: yes } }")]
    [InlineData("metadata: { name: x }\nspec: { template: { spec: { containers: [{ name: x, env: [{ name: X, value: 0.5 }] }] } } }")]
    public void Text_ThatKubernetesReadsAsSomethingElse_IsRefused(string line) =>
        Assert.Throws<InvalidOperationException>(() => Manifests.Read(Parse("apiVersion: apps/v1\nkind: Deployment\n" + line)));

    [Fact]
    public void Object_OfAnUnknownKind_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => Manifests.Read(Parse("apiVersion: apps/v1beta1\nkind: Deployment")));

    private static YamlMappingNode Parse(string yaml) => (YamlMappingNode)YamlFile.Parse(yaml).Single();
}
