using HookGateway.Load.Commands;

return await LoadCommandLine.RunAsync(args);
