// The compiled part of actcli; see __init__.py. Plain C functions over arrays that the caller owns.

extern "C" {

int interface() { return 1; }

}
