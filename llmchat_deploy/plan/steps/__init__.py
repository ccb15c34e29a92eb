"""The closed set of things a plan can do.

Each step is data: what it does, to what, and why (``cause``). Steps are idempotent, so a plan that was cut anywhere is
finished by planning and applying again. ``sign`` is ``+`` (makes something), ``~`` (changes it) or ``-`` (removes it).
"""

from __future__ import annotations

from llmchat_deploy.plan.steps.backups import BackUp, Drill, PruneBackups, ReadyBackups, SendCopies, VerifyBackups
from llmchat_deploy.plan.steps.base import label
from llmchat_deploy.plan.steps.edge import (
    AwaitCertificate,
    CheckEdge,
    ConfigureEdge,
    InstallCertificate,
    IssueCertificate,
    SwitchSlots,
)
from llmchat_deploy.plan.steps.generations import FillVolume, ForgetGeneration, StageGeneration, UseGeneration
from llmchat_deploy.plan.steps.images import BuildImage, MakeBase, NoteBase, PruneCache, PullBase, RemoveImage
from llmchat_deploy.plan.steps.places import CreateNetwork, CreateVolume, RemoveNetwork, RemoveVolume, WriteFiles
from llmchat_deploy.plan.steps.release import ForgetRelease, RecordRelease, SaveSecrets, StoreRelease
from llmchat_deploy.plan.steps.services import (
    EnsureAdmin,
    Migrate,
    Offline,
    ProbeModel,
    RestartContainer,
    StartService,
    StopService,
    StopSlot,
    WaitHealthy,
)

__all__ = [
    "AwaitCertificate",
    "BackUp",
    "BuildImage",
    "CheckEdge",
    "ConfigureEdge",
    "CreateNetwork",
    "CreateVolume",
    "Drill",
    "EnsureAdmin",
    "FillVolume",
    "ForgetGeneration",
    "ForgetRelease",
    "InstallCertificate",
    "IssueCertificate",
    "MakeBase",
    "Migrate",
    "NoteBase",
    "Offline",
    "ProbeModel",
    "PruneBackups",
    "PruneCache",
    "PullBase",
    "ReadyBackups",
    "RecordRelease",
    "RemoveImage",
    "RemoveNetwork",
    "RemoveVolume",
    "RestartContainer",
    "SaveSecrets",
    "SendCopies",
    "StageGeneration",
    "StartService",
    "Step",
    "StopService",
    "StopSlot",
    "StoreRelease",
    "SwitchSlots",
    "UseGeneration",
    "VerifyBackups",
    "WaitHealthy",
    "WriteFiles",
    "label",
]

Step = (
    SaveSecrets
    | PullBase
    | MakeBase
    | NoteBase
    | BuildImage
    | RemoveImage
    | PruneCache
    | StoreRelease
    | CreateNetwork
    | CreateVolume
    | WriteFiles
    | Migrate
    | StartService
    | WaitHealthy
    | ProbeModel
    | ConfigureEdge
    | InstallCertificate
    | IssueCertificate
    | AwaitCertificate
    | SwitchSlots
    | StopSlot
    | StopService
    | RestartContainer
    | EnsureAdmin
    | CheckEdge
    | RecordRelease
    | RemoveVolume
    | RemoveNetwork
    | ForgetRelease
    | BackUp
    | SendCopies
    | VerifyBackups
    | Drill
    | PruneBackups
    | ReadyBackups
    | StageGeneration
    | FillVolume
    | UseGeneration
    | ForgetGeneration
)
