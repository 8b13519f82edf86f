"""`make bench`: every benchmark, one after the other. Only ratios within one run mean anything."""

from __future__ import annotations

from tests.benchmarks import bench_issuing, bench_signing, bench_uploads

if __name__ == "__main__":
    bench_signing.main()
    print()
    bench_issuing.main()
    print()
    bench_uploads.main()
