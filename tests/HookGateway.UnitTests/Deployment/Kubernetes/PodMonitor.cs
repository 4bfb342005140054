using k8s.Models;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>The PodMonitor of Prometheus' operator: what is used of it here.</summary>
internal sealed class PodMonitor : CustomObject<PodMonitor.MonitorSpec>
{
    internal sealed class MonitorSpec
    {
        public V1LabelSelector Selector { get; set; } = new();

        public List<Endpoint> PodMetricsEndpoints { get; set; } = [];
    }

    internal sealed class Endpoint
    {
        public string Port { get; set; } = "";

        public string Path { get; set; } = "";

        public EndpointAuthorization Authorization { get; set; } = new();
    }

    internal sealed class EndpointAuthorization
    {
        public V1SecretKeySelector Credentials { get; set; } = new();
    }
}
