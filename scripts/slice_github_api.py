"""Cut GitHub's published API descriptions down to what the grader calls; the tests check every request against them.

Usage: scripts/slice_github_api.py NODE_MODULES, after
    npm install @octokit/openapi@23.0.2 @octokit/openapi-webhooks@12.1.0 @octokit/graphql-schema@15.26.1
Writes tests/fakes/github/slice/. The packages are MIT licensed; NOTICE there says so.
"""

import json
import sys
from pathlib import Path

from graphql import GraphQLInterfaceType, build_schema

TARGET = Path(__file__).parent.parent / "tests/fakes/github/slice"
REPO = "/repos/{owner}/{repo}"
OPERATIONS = {
    REPO: "get",
    f"{REPO}/issues": "get",
    f"{REPO}/issues/{{issue_number}}/comments": "get post",
    f"{REPO}/issues/comments/{{comment_id}}": "get patch delete",
    f"{REPO}/issues/comments/{{comment_id}}/reactions": "get post",
    f"{REPO}/issues/{{issue_number}}/labels": "post",
    f"{REPO}/issues/{{issue_number}}/labels/{{name}}": "delete",
    f"{REPO}/issues/{{issue_number}}/timeline": "get",
    f"{REPO}/pulls/{{pull_number}}": "get",
    f"{REPO}/pulls/{{pull_number}}/files": "get",
    f"{REPO}/collaborators/{{username}}/permission": "get",
    f"{REPO}/commits/{{ref}}/check-runs": "get",
    f"{REPO}/commits/{{ref}}": "get",
    f"{REPO}/check-runs": "post",
    f"{REPO}/check-runs/{{check_run_id}}": "patch",
    f"{REPO}/activity": "get",
    f"{REPO}/contents/{{path}}": "get put",
    f"{REPO}/git/ref/{{ref}}": "get",
    f"{REPO}/git/refs": "post",
    f"{REPO}/git/refs/{{ref}}": "patch",
    f"{REPO}/git/blobs": "post",
    f"{REPO}/git/blobs/{{file_sha}}": "get",
    f"{REPO}/git/trees": "post",
    f"{REPO}/git/trees/{{tree_sha}}": "get",
    f"{REPO}/git/commits": "post",
    f"{REPO}/git/commits/{{commit_sha}}": "get",
    f"{REPO}/actions/runs": "get",
    f"{REPO}/actions/workflows/{{workflow_id}}/dispatches": "post",
    "/rate_limit": "get",
}
EXAMPLES = (
    "full-repository-default-response", "issue-comment", "issue", "pull-request", "reaction", "check-run", "git-commit",
    "git-tree", "workflow-run", "content-file-response-if-content-is-a-file",
    "file-commit", "commit", "diff-entry-items",
    "repository-collaborator-permission-response-if-user-has-admin-permissions",
)  # fmt: skip
"""Official examples from which the fake builds its objects."""
WEBHOOKS = (
    "issue-comment-created", "issue-comment-edited", "issue-comment-deleted", "pull-request-opened",
    "pull-request-synchronize", "pull-request-ready-for-review", "pull-request-reopened",
)  # fmt: skip
GRAPHQL_TYPES = {
    "Query": ("id", "nodes"),
    "Node": ("id",),
    "IssueComment": ("id", "databaseId", "createdAt", "lastEditedAt", "editor", "includesCreatedEdit"),
    "Actor": ("login",),
    "User": ("login", "databaseId", "id"),
}
PROSE = frozenset({"description", "summary", "externalDocs", "x-github", "title", "example"})


def main() -> None:
    """Write the three slices."""
    packages = Path(sys.argv[1]) / "@octokit"
    write("rest.json", rest(json.loads((packages / "openapi/generated/api.github.com.json").read_bytes())))
    webhooks_file = packages / "openapi-webhooks/generated/api.github.com.json"
    write("webhooks.json", webhooks(json.loads(webhooks_file.read_bytes())))
    (TARGET / "schema.graphql").write_text(graphql((packages / "graphql-schema/schema.graphql").read_text()))


def write(name: str, document: object) -> None:
    """One line a document: it is data, not for reading."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    (TARGET / name).write_text(text + "\n")
    print(name, len(text))


def rest(source: dict) -> dict:
    """The operations above and every component that they reach."""
    paths = {}
    for path, methods in OPERATIONS.items():
        wanted = methods.split()
        paths[path] = {
            key: source["paths"][path][key] for key in ("parameters", *wanted) if key in source["paths"][path]
        }
        missing = set(wanted) - set(paths[path])
        if missing:
            raise SystemExit(f"{path} has no {missing}")
    paths = without_prose(without_examples(paths))
    components = closure(paths, source["components"])
    components["examples"] = {name: source["components"]["examples"][name] for name in EXAMPLES}
    info = {"title": source["info"]["title"], "version": source["info"]["version"]}
    servers = [{"url": "https://api.github.com"}]
    return {"openapi": source["openapi"], "info": info, "servers": servers, "paths": paths, "components": components}


def webhooks(source: dict) -> dict:
    """The payload schemas of the events that start our workflows."""
    everything = source.get("webhooks") or source["x-webhooks"]
    schemas = {
        name: without_prose(
            without_examples(everything[name]["post"]["requestBody"]["content"]["application/json"]["schema"])
        )
        for name in WEBHOOKS
    }
    return {"schemas": schemas, "components": closure(schemas, source["components"])}


def graphql(text: str) -> str:
    """The types and fields of GRAPHQL_TYPES, with the scalars they need."""
    schema = build_schema(text, assume_valid=True)
    lines = ["scalar DateTime"]
    for name, wanted in GRAPHQL_TYPES.items():
        found = schema.type_map[name]
        keyword = "interface" if isinstance(found, GraphQLInterfaceType) else "type"
        parents = " & ".join(i.name for i in found.interfaces if i.name in GRAPHQL_TYPES)
        lines.append(f"{keyword} {name}{' implements ' + parents if parents else ''} {{")
        for field in wanted:
            arguments = ", ".join(f"{key}: {value.type}" for key, value in found.fields[field].args.items())
            lines.append(f"  {field}{f'({arguments})' if arguments else ''}: {found.fields[field].type}")
        lines.append("}")
    printed = "\n".join(lines) + "\n"
    build_schema(printed)
    return printed


def closure(root: object, components: dict) -> dict:
    """Every component reachable from `root`; nullable enums get the null that the description leaves out."""
    found: dict[str, dict] = {}
    seen: set[str] = set()
    todo = [root]
    while todo:
        for ref in references(todo.pop()):
            if ref in seen or "/examples/" in ref:
                continue
            seen.add(ref)
            _, _, kind, name = ref.split("/", 3)
            node = without_prose(without_examples(components[kind][name]))
            found.setdefault(kind, {})[name] = node
            todo.append(node)
    allow_null(root)
    allow_null(found)
    return found


def references(node: object):
    """Every `$ref` below a node."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def without_examples(node: object, *, inside_properties: bool = False) -> object:
    """A copy without `examples` (a keyword, not a property of that name)."""
    if isinstance(node, list):
        return [without_examples(value) for value in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_examples(value, inside_properties=key == "properties")
        for key, value in node.items()
        if inside_properties or key != "examples"
    }


def without_prose(node: object, *, inside_properties: bool = False) -> object:
    """A copy without descriptions, titles and the like; a response keeps an empty one because it must have one."""
    if isinstance(node, list):
        return [without_prose(value) for value in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if not inside_properties and key in PROSE and isinstance(value, (str, dict, bool, int, list)):
            if key == "description" and not {"type", "schema", "$ref"} & set(node):
                kept[key] = ""
            continue
        kept[key] = without_prose(value, inside_properties=key == "properties")
    return kept


def allow_null(node: object) -> None:
    """OpenAPI 3.0 wants null listed in a nullable enum."""
    if isinstance(node, dict):
        if node.get("nullable") and isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"].append(None)
        for value in node.values():
            allow_null(value)
    elif isinstance(node, list):
        for value in node:
            allow_null(value)


if __name__ == "__main__":
    main()
