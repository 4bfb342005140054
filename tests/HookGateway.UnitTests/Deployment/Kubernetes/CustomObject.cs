using k8s;
using k8s.Models;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>An object of a kind that the client has no model of.</summary>
internal abstract class CustomObject<TSpec> : IKubernetesObject<V1ObjectMeta>
    where TSpec : new()
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public TSpec Spec { get; set; } = new();
}
