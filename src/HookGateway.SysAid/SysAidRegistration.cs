using HookGateway.Admin;
using HookGateway.Configuration;
using HookGateway.SysAid.Reconcile;
using Microsoft.Extensions.DependencyInjection;

namespace HookGateway.SysAid;

/// <summary>Registers what asks SysAid's Connect API while the gateway runs.</summary>
public static class SysAidRegistration
{
    /// <summary>Adds it to a gateway's services, after those of <c>AddHookGateway</c>; nothing where no source asks for it.</summary>
    public static IServiceCollection AddSysAid(this IServiceCollection services, GatewayConfiguration configuration)
    {
        if (configuration.Sources.All(source => source.Reconcile is null))
            return services;

        services.AddSingleton<ConnectApis>();
        services.AddSingleton<ReconcileLoop>();
        services.AddSingleton<IReconcileReports>(provider => provider.GetRequiredService<ReconcileLoop>());
        services.AddHostedService(provider => provider.GetRequiredService<ReconcileLoop>());
        return services;
    }
}
