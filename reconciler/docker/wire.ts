/**
 * What the engine says and is told, as far as we read and write it. Engines between API 1.41 and 1.51 leave out, null
 * or empty what does not apply, each in its own way: so everything that is read may be missing.
 */
type Maybe<Value> = Value | null | undefined;
type Texts = Maybe<readonly string[]>;
type TextMap = Maybe<Readonly<Record<string, string>>>;
type Keys = Maybe<Readonly<Record<string, object>>>;

export interface VersionAnswer {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: Maybe<string>;
  readonly Os: string;
  readonly Arch: string;
}

export interface InfoAnswer {
  readonly ID: string;
  readonly Name: string;
  readonly SystemTime?: Maybe<string>;
  readonly LoggingDriver?: Maybe<string>;
  readonly DefaultRuntime?: Maybe<string>;
  readonly CgroupVersion?: Maybe<string>;
  readonly MemoryLimit?: Maybe<boolean>;
  readonly SwapLimit?: Maybe<boolean>;
  readonly CpuCfsPeriod?: Maybe<boolean>;
  readonly CpuCfsQuota?: Maybe<boolean>;
  readonly CPUShares?: Maybe<boolean>;
  readonly CPUSet?: Maybe<boolean>;
  readonly PidsLimit?: Maybe<boolean>;
  readonly OomKillDisable?: Maybe<boolean>;
}

export interface ContainerListItem {
  readonly Id: string;
  readonly Names: Texts;
  readonly Image?: Maybe<string>;
  readonly ImageID: string;
  readonly Labels: TextMap;
  readonly State: string;
  readonly Status: string;
  readonly Ports: Maybe<readonly ListedPort[]>;
  readonly HostConfig?: Maybe<{ readonly NetworkMode?: Maybe<string> }>;
  readonly NetworkSettings?: Maybe<{ readonly Networks?: Maybe<Readonly<Record<string, ListedEndpoint>>> }>;
}

export interface ListedPort {
  readonly IP?: Maybe<string>;
  readonly PrivatePort: number;
  readonly PublicPort?: Maybe<number>;
  readonly Type: string;
}

export interface ListedEndpoint {
  readonly NetworkID?: Maybe<string>;
  readonly EndpointID?: Maybe<string>;
  readonly IPAddress?: Maybe<string>;
}

export interface ContainerAnswer {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly Image: string;
  readonly RestartCount?: Maybe<number>;
  readonly State: StateAnswer;
  readonly Config: ConfigAnswer;
  readonly HostConfig: HostConfigAnswer;
  readonly Mounts?: Maybe<readonly MountPoint[]>;
  readonly NetworkSettings?: Maybe<{
    readonly Networks?: Maybe<Readonly<Record<string, Maybe<EndpointAnswer>>>>;
  }>;
}

export interface StateAnswer {
  readonly Status: string;
  readonly OOMKilled?: Maybe<boolean>;
  readonly ExitCode?: Maybe<number>;
  readonly Error?: Maybe<string>;
  readonly StartedAt?: Maybe<string>;
  readonly FinishedAt?: Maybe<string>;
  readonly Health?: Maybe<{
    readonly Status?: Maybe<string>;
    readonly FailingStreak?: Maybe<number>;
    readonly Log?: Maybe<readonly HealthResultAnswer[]>;
  }>;
}

export interface HealthResultAnswer {
  readonly End: string;
  readonly ExitCode: number;
  readonly Output?: Maybe<string>;
}

/** The half of a container that an image can bring along as well. */
export interface ConfigAnswer {
  readonly Image?: Maybe<string>;
  readonly Hostname?: Maybe<string>;
  readonly Domainname?: Maybe<string>;
  readonly User?: Maybe<string>;
  readonly Tty?: Maybe<boolean>;
  readonly OpenStdin?: Maybe<boolean>;
  readonly Env?: Texts;
  readonly Cmd?: Texts;
  readonly Entrypoint?: Texts;
  readonly WorkingDir?: Maybe<string>;
  readonly Labels?: TextMap;
  readonly ExposedPorts?: Keys;
  readonly Volumes?: Keys;
  readonly Healthcheck?: Maybe<HealthcheckAnswer>;
  readonly StopSignal?: Maybe<string>;
  readonly StopTimeout?: Maybe<number>;
  readonly MacAddress?: Maybe<string>;
}

/** Durations in nanoseconds. */
export interface HealthcheckAnswer {
  readonly Test?: Texts;
  readonly Interval?: Maybe<number>;
  readonly Timeout?: Maybe<number>;
  readonly Retries?: Maybe<number>;
  readonly StartPeriod?: Maybe<number>;
  readonly StartInterval?: Maybe<number>;
}

export interface HostConfigAnswer {
  readonly Annotations?: TextMap;
  readonly Binds?: Texts;
  readonly Mounts?: Maybe<readonly MountSetting[]>;
  readonly Tmpfs?: TextMap;
  readonly NetworkMode?: Maybe<string>;
  readonly PortBindings?: Maybe<Readonly<Record<string, Maybe<readonly HostPort[]>>>>;
  readonly RestartPolicy?: Maybe<{
    readonly Name?: Maybe<string>;
    readonly MaximumRetryCount?: Maybe<number>;
  }>;
  readonly LogConfig?: Maybe<{ readonly Type?: Maybe<string>; readonly Config?: TextMap }>;
  readonly Init?: Maybe<boolean>;
  readonly Runtime?: Maybe<string>;
  readonly Privileged?: Maybe<boolean>;
  readonly ReadonlyRootfs?: Maybe<boolean>;
  readonly ShmSize?: Maybe<number>;
  readonly StorageOpt?: TextMap;
  readonly CapAdd?: Texts;
  readonly CapDrop?: Texts;
  readonly SecurityOpt?: Texts;
  readonly MaskedPaths?: Texts;
  readonly ReadonlyPaths?: Texts;
  readonly GroupAdd?: Texts;
  readonly UsernsMode?: Maybe<string>;
  readonly PidMode?: Maybe<string>;
  readonly IpcMode?: Maybe<string>;
  readonly UTSMode?: Maybe<string>;
  readonly CgroupnsMode?: Maybe<string>;
  readonly CgroupParent?: Maybe<string>;
  readonly Sysctls?: TextMap;
  readonly Ulimits?: Maybe<readonly UlimitSetting[]>;
  readonly Devices?: Maybe<readonly DeviceSetting[]>;
  readonly DeviceCgroupRules?: Texts;
  readonly Dns?: Texts;
  readonly DnsSearch?: Texts;
  readonly DnsOptions?: Texts;
  readonly ExtraHosts?: Texts;
  readonly NanoCpus?: Maybe<number>;
  readonly CpuShares?: Maybe<number>;
  readonly CpuPeriod?: Maybe<number>;
  readonly CpuQuota?: Maybe<number>;
  readonly CpusetCpus?: Maybe<string>;
  readonly Memory?: Maybe<number>;
  readonly MemoryReservation?: Maybe<number>;
  readonly MemorySwap?: Maybe<number>;
  readonly MemorySwappiness?: Maybe<number>;
  readonly OomKillDisable?: Maybe<boolean>;
  readonly OomScoreAdj?: Maybe<number>;
  readonly PidsLimit?: Maybe<number>;
}

/** A mount as it came about. */
export interface MountPoint {
  readonly Type?: Maybe<string>;
  readonly Name?: Maybe<string>;
  readonly Source?: Maybe<string>;
  readonly Destination: string;
  readonly RW?: Maybe<boolean>;
}

/** A mount as somebody asked for it. */
export interface MountSetting {
  readonly Type: string;
  readonly Source?: Maybe<string>;
  readonly Target: string;
  readonly ReadOnly?: Maybe<boolean>;
  readonly BindOptions?: Maybe<{ readonly Propagation?: Maybe<string> }>;
  readonly VolumeOptions?: Maybe<{ readonly NoCopy?: Maybe<boolean>; readonly Subpath?: Maybe<string> }>;
  readonly TmpfsOptions?: Maybe<{ readonly SizeBytes?: Maybe<number>; readonly Mode?: Maybe<number> }>;
}

export interface HostPort {
  readonly HostIp?: Maybe<string>;
  readonly HostPort?: Maybe<string>;
}

export interface UlimitSetting {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

export interface DeviceSetting {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

export interface EndpointAnswer {
  readonly Aliases?: Texts;
  readonly MacAddress?: Maybe<string>;
  readonly IPAMConfig?: Maybe<{
    readonly IPv4Address?: Maybe<string>;
    readonly IPv6Address?: Maybe<string>;
    readonly LinkLocalIPs?: Texts;
  }>;
}

export interface CreateBody extends ConfigAnswer {
  readonly HostConfig: HostConfigAnswer;
  readonly NetworkingConfig?: { readonly EndpointsConfig: Readonly<Record<string, EndpointAnswer>> };
}

export interface NetworkAnswer {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Options?: TextMap;
  readonly Labels?: TextMap;
  readonly Internal?: Maybe<boolean>;
  readonly Attachable?: Maybe<boolean>;
  readonly EnableIPv6?: Maybe<boolean>;
  /** Only told when one network is asked for. */
  readonly Containers?: Maybe<Readonly<Record<string, { readonly Name?: Maybe<string> }>>>;
  readonly IPAM?: Maybe<{
    readonly Driver?: Maybe<string>;
    readonly Config?: Maybe<readonly IpamSetting[]>;
  }>;
}

export interface IpamSetting {
  readonly Subnet?: Maybe<string>;
  readonly Gateway?: Maybe<string>;
  readonly IPRange?: Maybe<string>;
  readonly AuxiliaryAddresses?: TextMap;
  /** What engine 20.10 reports the auxiliary addresses as. */
  readonly AuxAddress?: TextMap;
}

export interface VolumeAnswer {
  readonly Name: string;
  readonly Driver: string;
  readonly Options?: TextMap;
  readonly Labels?: TextMap;
}

export interface VolumeListAnswer {
  readonly Volumes?: Maybe<readonly VolumeAnswer[]>;
}

export interface ImageAnswer {
  readonly Id: string;
  readonly RepoDigests?: Texts;
  readonly Metadata?: Maybe<{ readonly LastTagTime?: Maybe<string> }>;
  readonly Os?: Maybe<string>;
  readonly Architecture?: Maybe<string>;
  readonly Variant?: Maybe<string>;
  readonly Config?: Maybe<ConfigAnswer>;
}

export interface DistributionAnswer {
  readonly Descriptor?: Maybe<{ readonly digest?: Maybe<string> }>;
}

/** One line of a pull. */
export interface PullEvent {
  readonly id?: Maybe<string>;
  readonly status?: Maybe<string>;
  readonly error?: Maybe<string>;
  readonly errorDetail?: Maybe<{ readonly message?: Maybe<string> }>;
  readonly progressDetail?: Maybe<{ readonly current?: Maybe<number>; readonly total?: Maybe<number> }>;
}

/** A path that is not as the image has it. */
export interface ChangeAnswer {
  readonly Path: string;
  readonly Kind: number;
}

/** One line of the event stream. */
export interface EventAnswer {
  readonly Type?: Maybe<string>;
  readonly Action?: Maybe<string>;
  readonly Actor?: Maybe<{ readonly ID?: Maybe<string>; readonly Attributes?: TextMap }>;
  readonly timeNano?: Maybe<number>;
}
