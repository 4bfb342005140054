namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>cert-manager's Certificate: what is used of it here.</summary>
internal sealed class Certificate : CustomObject<Certificate.CertificateSpec>
{
    internal sealed class CertificateSpec
    {
        public string SecretName { get; set; } = "";

        public List<string> DnsNames { get; set; } = [];

        public IssuerReference IssuerRef { get; set; } = new();

        public KeyRules PrivateKey { get; set; } = new();
    }

    internal sealed class IssuerReference
    {
        public string Group { get; set; } = "";

        public string Kind { get; set; } = "";

        public string Name { get; set; } = "";
    }

    internal sealed class KeyRules
    {
        public string Algorithm { get; set; } = "";

        public int Size { get; set; }

        public string RotationPolicy { get; set; } = "";
    }
}
