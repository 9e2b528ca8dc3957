"""What can be told of the files of deploy/ without the platforms they are for."""

import re
import sys
import tomllib
from pathlib import Path

import kubernetes_validate
import yaml
from compose_spec import PyCompose

# The oldest that has all that is used (a pause before SIGTERM without a shell), and the newest that is known.
KUBERNETES = ("1.30", "1.37")
# What Cloud Run's documents of services and jobs have of Kubernetes is the specification of a pod.
NOT_A_PODS = ("containerConcurrency", "timeoutSeconds", "maxRetries")
# Seconds that Cloud Run waits between SIGTERM and the end.
CLOUD_RUN_PATIENCE = 10

wrong = []


def must(holds, what):
    if not holds:
        wrong.append(what)


def documents(path):
    return [document for document in yaml.safe_load_all(Path(path).read_text()) if document]


def fits(document, path):
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            wrong.append(f"{path}: {document['kind']} does not fit Kubernetes {version}: {error.message}")


def images(node):
    """Every image that is named anywhere in a document."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "image")
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from images(inner)


def setting(container, name):
    return next((one for one in container.get("env", []) if one["name"] == name), {})


def kubernetes():
    folder = Path("deploy/kubernetes")
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        for document in documents(path):
            if path.name != "kustomization.yaml":
                fits(document, path)
                found[document["kind"]] = document
    named = documents(folder / "kustomization.yaml")[0]["resources"]
    must(all((folder / name).is_file() for name in named), "kustomization.yaml names what is not there")
    must("secret.example.yaml" not in named, "kustomization.yaml would apply the example of a secret")
    must(len(set(images([found["Deployment"], found["Job"]]))) == 1, "servers and migrations differ in their image")
    pod = found["Deployment"]["spec"]["template"]["spec"]
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    must(pod["terminationGracePeriodSeconds"] > pause + 25, "pods are killed before they have ended their work")
    for kind in ("Deployment", "Job"):
        pod = found[kind]["spec"]["template"]["spec"]
        inside = pod["containers"][0]["securityContext"]
        must(pod["securityContext"]["runAsNonRoot"] and inside["readOnlyRootFilesystem"], f"{kind}: root, or can write")
    secret = found["Secret"]["stringData"].values()
    must(all("REPLACE-THIS" in value for value in secret), "secret.example.yaml holds something like a secret")


def cloud_run():
    service = documents("deploy/cloud-run/service.yaml")[0]
    job = documents("deploy/cloud-run/migrations.yaml")[0]
    must(len(set(images([service, job]))) == 1, "Cloud Run: service and job differ in their image")
    for document, template in ((service, service["spec"]["template"]), (job, job["spec"]["template"]["spec"]["template"])):
        pod = {key: value for key, value in template["spec"].items() if key not in NOT_A_PODS}
        fits({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "as-a-pod"}, "spec": pod}, f"Cloud Run {document['kind']}")
    annotations = service["spec"]["template"]["metadata"]["annotations"]
    must(all(isinstance(value, str) for value in annotations.values()), "Cloud Run: an annotation is no text")
    must(annotations["run.googleapis.com/cpu-throttling"] == "false", "Cloud Run: no processor between requests")
    must(int(annotations["autoscaling.knative.dev/minScale"]) >= 1, "Cloud Run: nobody may be there for the outbox")
    container = service["spec"]["template"]["spec"]["containers"][0]
    patience = int(setting(container, "SHUTDOWN_TIMEOUT_MS")["value"])
    must(patience < 1000 * CLOUD_RUN_PATIENCE, "Cloud Run: killed before it has ended its work")
    for name in ("DATABASE_URL", "AUDIT_KEY", "METRICS_TOKEN"):
        must("valueFrom" in setting(container, name), f"Cloud Run: {name} is not from Secret Manager")


def compose():
    text = Path("compose.yaml").read_text()
    given = re.compile(r"\$\{(\w+):([?-])([^}]*)\}")
    required = {name for name, how, _ in given.findall(text) if how == "?"}
    must({"POSTGRES_PASSWORD", "AUDIT_KEY", "SCHEDULER_URL", "PUBLIC_URL"} <= required, "compose.yaml has a secret, or a guess")
    tree = yaml.safe_load(given.sub(lambda found: found[3] if found[2] == "-" else "given", text))
    tree = {key: value for key, value in tree.items() if not key.startswith("x-")}
    try:
        PyCompose.from_yaml(yaml.safe_dump(tree))
    except Exception as error:  # The library has no class of its own for it.
        wrong.append(f"compose.yaml: {error}")
    for name, service in tree["services"].items():
        must(service.get("read_only") and service.get("cap_drop") == ["ALL"], f"compose.yaml: {name} may too much")
        must(re.search(r":[^:]*\d", service["image"]), f"compose.yaml: {name} names no version of its image")
    version = tomllib.loads(Path("Cargo.toml").read_text())["workspace"]["package"]["version"]
    for path in ("compose.yaml", *map(str, Path("deploy").glob("*/*.yaml"))):
        for _, found in re.findall(r"image: (\S*clinic):(?:\$\{CLINIC_VERSION:-)?([\w.]+)", Path(path).read_text()):
            must(found == version, f"{path}: clinic {found}, and this is {version}")


def dockerfile():
    text = Path("Dockerfile").read_text()
    channel = tomllib.loads(Path("rust-toolchain.toml").read_text())["toolchain"]["channel"]
    rust = re.search(r"FROM rust:([\d.]+)-", text)[1]
    must(channel == rust or channel.startswith(f"{rust}."), f"Dockerfile: Rust {rust}, and rust-toolchain.toml has {channel}")
    # Cargo wants each target that Cargo.toml names, before it builds the dependencies alone.
    cargo = tomllib.loads(Path("Cargo.toml").read_text())
    for kind, folder in (("bench", "benches"), ("test", "tests"), ("example", "examples")):
        for target in cargo.get(kind, []):
            path = target.get("path", f"{folder}/{target['name']}.rs")
            must(f" {path}" in text, f"Dockerfile: {path} is a target of Cargo.toml, and not among the empty files")
    for name in re.findall(r"^COPY (?!--)(.*)$", text, re.MULTILINE):
        for source in name.split()[:-1]:
            must(Path(source).exists(), f"Dockerfile: copies {source}, which is not there")
            allowed = Path(".dockerignore").read_text().splitlines()
            first = source.rstrip("/")
            must(f"!{first}" in allowed or f"!{first.split('/')[0]}" in allowed, f".dockerignore leaves out {source}")


for check in (kubernetes, cloud_run, compose, dockerfile):
    check()
for what in wrong:
    print(what, file=sys.stderr)
sys.exit(bool(wrong))
