#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/grafana/jurat.json, a Grafana dashboard of what a Jurat node measures.

    scripts/grafana.py            writes the file
    scripts/grafana.py --check    status 1 if the file is another than this script would write

The panels are below. Every metric that they name is looked for in a running node by
tests/tests/answers.rs, so that the dashboard cannot go stale unnoticed.
"""

import json
import pathlib
import sys

FILE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "grafana" / "jurat.json"



def of(metric, *labels):
    return metric + "{" + ",".join(['instance=~"$node"', *labels]) + "}"


def rate(metric, *labels):
    return f"rate({of(metric, *labels)}[$__rate_interval])"


def quantile(share, metric):
    buckets = f"sum by (le, instance) ({rate(metric + '_bucket')})"
    return f"histogram_quantile({share}, {buckets})"


# Rows of panels. A panel: title, unit, what it says, queries with their legends.
ROWS = [
    ("Jobs", [
        ("Jobs that ended", "ops", "By result. Anything but `done` is unpaid.", [
            (f"sum by (instance, result) ({rate('jurat_inference_jobs_total')})", "{{instance}} {{result}}"),
        ]),
        ("Time of a run", "s", "Median and 95 of 100 of the runs that gave an output.", [
            (quantile(0.5, "jurat_inference_run_seconds"), "{{instance}} median"),
            (quantile(0.95, "jurat_inference_run_seconds"), "{{instance}} 95 %"),
        ]),
        ("Queue and slots", "short", "Jobs that wait for a slot or for their files, and slots that run one, of all slots.", [
            (of("jurat_inference_queue"), "{{instance}} waiting"),
            (of("jurat_inference_fetching"), "{{instance}} fetching"),
            (of("jurat_inference_slots_busy"), "{{instance}} busy"),
            (of("jurat_inference_slots"), "{{instance}} slots"),
        ]),
        ("Loaded models found", "percentunit", "Share of the runs whose model was loaded already.", [
            (
                f"{rate('jurat_inference_cache_hits_total')} / "
                f"({rate('jurat_inference_cache_hits_total')} + {rate('jurat_inference_cache_misses_total')})",
                "{{instance}}",
            ),
        ]),
        ("Child processes", "short", "Killed, and started in place of one that died, in an hour.", [
            (f"increase({of('jurat_inference_worker_kills_total')}[1h])", "{{instance}} killed"),
            (f"increase({of('jurat_inference_worker_restarts_total')}[1h])", "{{instance}} restarted"),
        ]),
        ("Memory of loaded models", "bytes", "", [
            (of("jurat_inference_session_bytes"), "{{instance}}"),
        ]),
    ]),
    ("Serving", [
        ("Releases by state", "short", "What fits the rules of `--serve`. `inference_serving` says why one is not ready.", [
            (f"sum by (instance, state) ({of('jurat_serving_releases')})", "{{instance}} {{state}}"),
        ]),
        ("Equivocations", "short", "Found, and reported, since the node started.", [
            (of("jurat_equivocations_found_total"), "{{instance}} found"),
            (f"sum by (instance) ({of('jurat_equivocation_reports_total')})", "{{instance}} reported"),
        ]),
    ]),
    ("Blobs", [
        ("Store", "bytes", "Bytes of complete blobs, and what may be taken.", [
            (of("jurat_blob_bytes"), "{{instance}} taken"),
            (of("jurat_blob_limit_bytes"), "{{instance}} limit"),
        ]),
        ("Traffic", "Bps", "Blobs from and to peers.", [
            (f"sum by (instance) ({rate('jurat_exchange_received_bytes_total')})", "{{instance}} in"),
            (rate("jurat_exchange_sent_bytes_total"), "{{instance}} out"),
        ]),
        ("Ranges asked of peers", "ops", "By what came of it. A `wrong` one cost its sender the connection.", [
            (f"sum by (instance, result) ({rate('jurat_exchange_ranges_asked_total')})", "{{instance}} {{result}}"),
        ]),
        ("Requests of peers", "ops", "By what they got.", [
            (f"sum by (instance, result) ({rate('jurat_exchange_requests_served_total')})", "{{instance}} {{result}}"),
        ]),
        ("Fetches", "short", "Blobs that are being fetched, and requests of peers that wait.", [
            (of("jurat_exchange_fetches"), "{{instance}} fetches"),
            (of("jurat_exchange_queue"), "{{instance}} requests of peers"),
        ]),
        ("Time of a range", "s", "From the request to the checked range: median and 95 of 100.", [
            (quantile(0.5, "jurat_exchange_range_seconds"), "{{instance}} median"),
            (quantile(0.95, "jurat_exchange_range_seconds"), "{{instance}} 95 %"),
        ]),
    ]),
    ("Chain", [
        ("Blocks", "short", "Best and final block.", [
            (of("substrate_block_height", 'status=~"best|finalized"'), "{{instance}} {{status}}"),
        ]),
        ("Peers", "short", "", [
            (of("substrate_sub_libp2p_peers_count"), "{{instance}}"),
        ]),
        ("Transactions that wait", "short", "", [
            (of("substrate_ready_transactions_number"), "{{instance}}"),
        ]),
    ]),
]


def panel(number, title, unit, text, queries, x, y):
    return {
        "id": number,
        "type": "timeseries",
        "title": title,
        "description": text,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"h": 8, "w": 8, "x": x, "y": y},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [
            {"refId": chr(ord("A") + i), "expr": query, "legendFormat": legend}
            for i, (query, legend) in enumerate(queries)
        ],
    }


def dashboard():
    panels, number, y = [], 0, 0
    for title, row in ROWS:
        number += 1
        panels.append({
            "id": number, "type": "row", "title": title, "collapsed": False, "panels": [],
            "gridPos": {"h": 1, "w": 24, "x": 0, "y": y},
        })
        y += 1
        for i, (name, unit, text, queries) in enumerate(row):
            number += 1
            panels.append(panel(number, name, unit, text, queries, i % 3 * 8, y + i // 3 * 8))
        y += -(-len(row) // 3) * 8
    variables = [
        {"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"},
        {
            "name": "node", "label": "Node", "type": "query", "multi": True, "includeAll": True,
            "datasource": {"type": "prometheus", "uid": "${source}"},
            "query": "label_values(jurat_inference_slots, instance)", "refresh": 2,
            "current": {"text": "All", "value": "$__all"},
        },
    ]
    return {
        "title": "Jurat node", "uid": "jurat-node", "tags": ["jurat"], "schemaVersion": 39,
        "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "timezone": "utc",
        "templating": {"list": variables}, "panels": panels,
    }


def main():
    text = json.dumps(dashboard(), indent="\t", ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        return 0 if FILE.exists() and FILE.read_text() == text else 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
