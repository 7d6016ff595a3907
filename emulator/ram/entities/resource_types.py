"""The resource types that RAM shares: their ARNs, their scope, and how long an invitation to them is valid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from emulator.ram.entities import arns

LEAVABLE = frozenset(
    {
        "ec2:CapacityReservation",
        "ec2:CoipPool",
        "ec2:DedicatedHost",
        "ec2:LocalGatewayRouteTable",
        "ec2:PrefixList",
        "ec2:Subnet",
        "ec2:TrafficMirrorTarget",
        "ec2:TransitGateway",
        "ec2:TransitGatewayMulticastDomain",
        "license-manager:LicenseConfiguration",
        "outposts:Outpost",
        "outposts:Site",
        "rds:Cluster",
        "route53resolver:ResolverRule",
    }
)
"""The types that a receiver can leave by itself; their invitations are valid for seven days.

Source: https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-leave.html
Source: https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html
"""

LONG_CLOCK = timedelta(days=7)
SHORT_CLOCK = timedelta(hours=12)

_GLOBAL = frozenset({"networkmanager:CoreNetwork"})
_ARNS = """
    acm-pca:CertificateAuthority            acm-pca:certificate-authority/
    appmesh:Mesh                            appmesh:mesh/
    cloudhsm:Backup                         cloudhsm:backup/
    codebuild:Project                       codebuild:project/
    codebuild:ReportGroup                   codebuild:report-group/
    ec2:CapacityReservation                 ec2:capacity-reservation/
    ec2:CoipPool                            ec2:coip-pool/
    ec2:DedicatedHost                       ec2:dedicated-host/
    ec2:IpamPool                            ec2:ipam-pool/
    ec2:IpamResourceDiscovery               ec2:ipam-resource-discovery/
    ec2:LocalGatewayRouteTable              ec2:local-gateway-route-table/
    ec2:PlacementGroup                      ec2:placement-group/
    ec2:PrefixList                          ec2:prefix-list/
    ec2:SecurityGroup                       ec2:security-group/
    ec2:Subnet                              ec2:subnet/
    ec2:TrafficMirrorTarget                 ec2:traffic-mirror-target/
    ec2:TransitGateway                      ec2:transit-gateway/
    ec2:TransitGatewayMulticastDomain       ec2:transit-gateway-multicast-domain/
    glue:Catalog                            glue:catalog
    glue:Database                           glue:database/
    glue:Table                              glue:table/
    imagebuilder:Component                  imagebuilder:component/
    imagebuilder:ContainerRecipe            imagebuilder:container-recipe/
    imagebuilder:Image                      imagebuilder:image/
    imagebuilder:ImageRecipe                imagebuilder:image-recipe/
    license-manager:LicenseConfiguration    license-manager:license-configuration:
    network-firewall:FirewallPolicy         network-firewall:firewall-policy/
    network-firewall:StatefulRuleGroup      network-firewall:stateful-rulegroup/
    network-firewall:StatelessRuleGroup     network-firewall:stateless-rulegroup/
    networkmanager:CoreNetwork              networkmanager:core-network/
    outposts:Outpost                        outposts:outpost/
    outposts:Site                           outposts:site/
    rds:Cluster                             rds:cluster:
    refactor-spaces:Environment             refactor-spaces:environment/
    resource-explorer-2:View                resource-explorer-2:view/
    resource-groups:Group                   resource-groups:group/
    route53resolver:FirewallRuleGroup       route53resolver:firewall-rule-group/
    route53resolver:ResolverQueryLogConfig  route53resolver:resolver-query-log-config/
    route53resolver:ResolverRule            route53resolver:resolver-rule/
    s3-outposts:Outpost                     s3-outposts:outpost/
    sagemaker:LineageGroup                  sagemaker:lineage-group/
    sagemaker:Pipeline                      sagemaker:pipeline/
    servicecatalog:Application              servicecatalog:/applications/
    servicecatalog:AttributeGroup           servicecatalog:/attribute-groups/
    ssm-contacts:Contact                    ssm-contacts:contact/
    ssm-incidents:ResponsePlan              ssm-incidents:response-plan/
    ssm:Parameter                           ssm:parameter/
    vpc-lattice:Service                     vpc-lattice:service/
    vpc-lattice:ServiceNetwork              vpc-lattice:servicenetwork/
"""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type that can be shared.

    Attributes:
        name: RAM's, such as ``ec2:TransitGateway``.
        service: in ARNs.
        prefix: of the resource part of ARNs.
    """

    name: str
    service: str
    prefix: str

    @property
    def scope(self) -> str:
        """``GLOBAL`` or ``REGIONAL``."""
        return "GLOBAL" if self.name in _GLOBAL else "REGIONAL"

    def describe(self) -> dict[str, str]:
        """Return the type as ``ListResourceTypes`` does."""
        service = self.name.partition(":")[0]
        return {"resourceType": self.name, "serviceName": service, "resourceRegionScope": self.scope}


def _type(name: str, arn: str) -> ResourceType:
    service, _, prefix = arn.partition(":")
    return ResourceType(name, service, prefix)


TYPES = tuple(_type(*line.split()) for line in _ARNS.strip().splitlines())
_BY_NAME = {known.name.casefold(): known for known in TYPES}
_LEAVABLE = frozenset(name.casefold() for name in LEAVABLE)


def named(name: str) -> ResourceType | None:
    """Return the type of this name, compared without case."""
    return _BY_NAME.get(name.casefold())


def of_arn(arn: str) -> ResourceType | None:
    """Return the type of an ARN.

    Raises:
        MalformedArnException: it is not an ARN.
    """
    found = arns.parts(arn)
    ours = (known for known in TYPES if known.service == found["service"])
    return next((known for known in ours if found["resource"].startswith(known.prefix)), None)


def scope_of(name: str) -> str:
    """Return ``GLOBAL`` or ``REGIONAL`` for a type's name; an unknown type counts as Regional."""
    known = named(name)
    return known.scope if known else "REGIONAL"


def can_be_left(names: Iterable[str]) -> bool:
    """Tell whether a receiver can leave a share that holds these types; it can leave an empty one."""
    return all(name.casefold() in _LEAVABLE for name in names)


def clock(names: Iterable[str]) -> timedelta:
    """Return how long an invitation to these types is valid: the shortest time; without types the short one."""
    held = list(names)
    return LONG_CLOCK if held and can_be_left(held) else SHORT_CLOCK
